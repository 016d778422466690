package main

import (
	"errors"

	"github.com/coreos/go-iptables/iptables"
	"github.com/weaveworks/weave/net/ipset"
	"github.com/weaveworks/weave/npc"
)

// chains are what the controller's rules hang in: it adds them, but makes neither the chains nor the ways into them.
type chains struct {
	tables *iptables.IPTables
	sets   ipset.Interface
	links  string
}

type rule []string

var names = []string{
	npc.EgressChain, npc.MainChain, npc.EgressDefaultChain, npc.EgressCustomChain, npc.EgressMarkChain, npc.DefaultChain,
	npc.IngressChain,
}

const forward = "FORWARD"

// ways lead what is forwarded from or to pods into the chains. kube-proxy has put pods for Services by then.
func (c chains) ways() []rule {
	return []rule{
		{"-i", c.links, "-j", npc.EgressChain},
		{"-o", c.links, "-j", npc.MainChain},
		{"-o", c.links, "-j", "DROP"},
	}
}

// contents of the chains. The controller fills the chains for defaults and rules, and once there is a policy for
// egress, it ends the egress chain with dropping what no rule has marked.
func contents() map[string][]rule {
	established := rule{"-m", "state", "--state", "RELATED,ESTABLISHED", "-j", "ACCEPT"}
	begun := func(rest ...string) rule { return append(rule{"-m", "state", "--state", "NEW"}, rest...) }
	return map[string][]rule{
		npc.EgressMarkChain: {{"-j", "MARK", "--set-xmark", npc.EgressMark}},
		npc.EgressChain: {
			established,
			begun("-j", npc.EgressDefaultChain),
			begun("-m", "mark", "!", "--mark", npc.EgressMark, "-j", npc.EgressCustomChain),
		},
		npc.MainChain: {established, begun("-j", npc.DefaultChain), begun("-j", npc.IngressChain)},
	}
}

func (c chains) make() error {
	if err := c.remove(); err != nil {
		return err
	}
	for _, name := range names {
		if err := c.tables.NewChain(npc.TableFilter, name); err != nil {
			return err
		}
	}
	for name, rules := range contents() {
		for _, rule := range rules {
			if err := c.tables.Append(npc.TableFilter, name, rule...); err != nil {
				return err
			}
		}
	}
	for _, rule := range c.ways() {
		if err := c.tables.Append(npc.TableFilter, forward, rule...); err != nil {
			return err
		}
	}
	return nil
}

// remove takes away everything, that of an earlier run that was killed, too.
func (c chains) remove() error {
	var failures []error
	// This makes a chain that is missing: rules that name it could not even be looked for.
	for _, name := range names {
		failures = append(failures, c.tables.ClearChain(npc.TableFilter, name))
	}
	for _, rule := range c.ways() {
		failures = append(failures, c.tables.DeleteIfExists(npc.TableFilter, forward, rule...))
	}
	for _, name := range names {
		failures = append(failures, c.tables.DeleteChain(npc.TableFilter, name))
	}
	sets, err := c.sets.List(npc.IpsetNamePrefix)
	failures = append(failures, err)
	// Lists hold other sets, which cannot go before.
	for _, set := range sets {
		failures = append(failures, c.sets.Flush(set))
	}
	for _, set := range sets {
		failures = append(failures, c.sets.Destroy(set))
	}
	return errors.Join(failures...)
}
