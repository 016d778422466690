// Command packets finds out by trying whether connections get through. It opens them in the network namespaces of their
// ends, with the addresses of those: a question as JSON on standard input, an answer for each connection, in order.
//
// Whatever listens at an address already is the other end; where nothing does, this program listens.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// End is one end of a connection.
type End struct {
	IP string `json:"ip"`
	// The network namespace, as a file. Missing where others listen, as behind the address of a Service.
	Network string `json:"network"`
}

// Connection is one to try.
type Connection struct {
	From     End    `json:"from"`
	To       End    `json:"to"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol"` // TCP or UDP
}

// Question is what standard input holds.
type Question struct {
	Connections []Connection `json:"connections"`
	// What has not got through after so many milliseconds does not.
	Patience int64 `json:"patience"`
}

func main() {
	// A namespace belongs to a thread.
	runtime.LockOSThread()
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer() error {
	var question Question
	if err := json.NewDecoder(os.Stdin).Decode(&question); err != nil {
		return err
	}
	listeners, err := listen(question.Connections)
	if err != nil {
		return err
	}
	attempts, err := begin(question.Connections)
	if err != nil {
		return err
	}
	if err := wait(attempts, listeners, time.Duration(question.Patience)*time.Millisecond); err != nil {
		return err
	}
	reached := make([]bool, len(attempts))
	for index, attempt := range attempts {
		reached[index] = attempt.reached
	}
	return json.NewEncoder(os.Stdout).Encode(reached)
}

// enter moves this thread into a network namespace.
func enter(network string) error {
	file, err := unix.Open(network, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", network, err)
	}
	defer func() { _ = unix.Close(file) }()
	if err := unix.Setns(file, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering %s: %w", network, err)
	}
	return nil
}
