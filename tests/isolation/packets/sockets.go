package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const resendAfter = 500 * time.Millisecond

// attempt is one connection under way.
type attempt struct {
	Connection
	socket  int
	reached bool
}

// socket makes one in this thread's namespace.
func socket(protocol string) (int, error) {
	kind := unix.SOCK_STREAM
	if protocol == "UDP" {
		kind = unix.SOCK_DGRAM
	}
	return unix.Socket(unix.AF_INET, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
}

func address(ip string, port int) (unix.Sockaddr, error) {
	parsed, err := netip.ParseAddr(ip)
	if err != nil || !parsed.Is4() {
		return nil, fmt.Errorf("%q is no IPv4 address", ip)
	}
	return &unix.SockaddrInet4{Addr: parsed.As4(), Port: port}, nil
}

// listen takes every address that connections go to and nobody listens at; it returns the sockets for UDP. Those for
// TCP need nothing more: the kernel itself answers for them.
func listen(connections []Connection) ([]int, error) {
	type place struct {
		End
		port     int
		protocol string
	}
	seen := map[place]bool{}
	var datagrams []int
	for _, connection := range connections {
		at := place{connection.To, connection.Port, connection.Protocol}
		if at.Network == "" || seen[at] {
			continue
		}
		seen[at] = true
		socket, err := listenAt(at.End, at.port, at.protocol)
		if errors.Is(err, unix.EADDRINUSE) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("listening at %s, %s %d: %w", at.IP, at.protocol, at.port, err)
		}
		if at.protocol == "UDP" {
			datagrams = append(datagrams, socket)
		}
	}
	return datagrams, nil
}

func listenAt(at End, port int, protocol string) (int, error) {
	to, err := address(at.IP, port)
	if err != nil {
		return 0, err
	}
	if err := enter(at.Network); err != nil {
		return 0, err
	}
	listener, err := socket(protocol)
	if err != nil {
		return 0, err
	}
	if err := unix.Bind(listener, to); err != nil {
		_ = unix.Close(listener)
		return 0, err
	}
	if protocol == "TCP" {
		err = unix.Listen(listener, 1024)
	}
	return listener, err
}

// begin sends the first packet of each connection.
func begin(connections []Connection) ([]*attempt, error) {
	attempts := make([]*attempt, 0, len(connections))
	for _, connection := range connections {
		socket, err := dial(connection)
		if err != nil {
			return nil, fmt.Errorf("from %s to %s: %w", connection.From.IP, connection.To.IP, err)
		}
		attempts = append(attempts, &attempt{Connection: connection, socket: socket})
	}
	return attempts, nil
}

func dial(connection Connection) (int, error) {
	from, err := address(connection.From.IP, 0)
	if err != nil {
		return 0, err
	}
	to, err := address(connection.To.IP, connection.Port)
	if err != nil {
		return 0, err
	}
	if err := enter(connection.From.Network); err != nil {
		return 0, err
	}
	dialed, err := socket(connection.Protocol)
	if err != nil {
		return 0, err
	}
	// It ends with a reset: the ports of thousands of connections that linger would run out.
	if err := unix.SetsockoptLinger(dialed, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return 0, err
	}
	if err := unix.Bind(dialed, from); err != nil {
		return 0, err
	}
	if err := unix.Connect(dialed, to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return 0, err
	}
	return dialed, nil
}

// wait looks at all connections until each has got through or time is up. Another end than time's is an error: it would
// tell something about the way, not about policies.
func wait(attempts []*attempt, listeners []int, patience time.Duration) error {
	end := time.Now().Add(patience)
	var resend time.Time
	for time.Now().Before(end) {
		if time.Now().After(resend) {
			resend = time.Now().Add(resendAfter)
			if err := send(attempts); err != nil {
				return err
			}
		}
		polled := make([]unix.PollFd, 0, len(listeners)+len(attempts))
		for _, listener := range listeners {
			polled = append(polled, unix.PollFd{Fd: int32(listener), Events: unix.POLLIN})
		}
		var open []*attempt
		for _, attempt := range attempts {
			if attempt.reached {
				continue
			}
			open = append(open, attempt)
			events := int16(unix.POLLOUT)
			if attempt.Protocol == "UDP" {
				events = unix.POLLIN
			}
			polled = append(polled, unix.PollFd{Fd: int32(attempt.socket), Events: events})
		}
		if len(open) == 0 {
			return nil
		}
		until := min(time.Until(end), time.Until(resend))
		if _, err := unix.Poll(polled, int(until.Milliseconds())+1); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for index, listener := range listeners {
			if polled[index].Revents != 0 {
				reply(listener)
			}
		}
		for index, attempt := range open {
			if polled[len(listeners)+index].Revents == 0 {
				continue
			}
			if err := attempt.look(); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends a datagram for each connection of UDP that has none answered.
func send(attempts []*attempt) error {
	for _, attempt := range attempts {
		if attempt.Protocol == "UDP" && !attempt.reached {
			if _, err := unix.Write(attempt.socket, []byte("?")); err != nil {
				return attempt.failed(err)
			}
		}
	}
	return nil
}

// reply answers every datagram that has come.
func reply(listener int) {
	buffer := make([]byte, 16)
	for {
		count, from, err := unix.Recvfrom(listener, buffer, 0)
		if err != nil {
			return
		}
		_ = unix.Sendto(listener, buffer[:count], 0, from)
	}
}

func (a *attempt) look() error {
	number, err := unix.GetsockoptInt(a.socket, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return a.failed(err)
	}
	if number != 0 {
		return a.failed(unix.Errno(number))
	}
	a.reached = true
	return unix.Close(a.socket)
}

func (a *attempt) failed(err error) error {
	return fmt.Errorf("from %s to %s, %s %d: %w", a.From.IP, a.To.IP, a.Protocol, a.Port, err)
}
