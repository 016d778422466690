// Command enforcer makes the network policies of a cluster take effect in the network namespace that it runs in: what they
// refuse is dropped. It checks nothing itself; Weave Net's policy controller (the library npc, archived, IPv4 only) turns
// policies into iptables rules and ipsets. This program feeds it and leads the pods' packets through its chains.
//
// Here pods are routed: each has a link of its own to the node. Weave Net itself has them on a bridge, and tells pods from
// others by the bridge's ports. Traffic between a pod and its own node passes, as Kubernetes wants it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/coreos/go-iptables/iptables"
	"github.com/weaveworks/weave/common"
	"github.com/weaveworks/weave/net/ipset"
	"github.com/weaveworks/weave/npc"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// Most namespaces that a selector can hold.
const largestList = 1024

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the way to the API server")
	node := flag.String("node", "", "name of the node")
	links := flag.String("links", "veth+", "interfaces that lead to pods; + at the end stands for anything")
	flag.Parse()
	if err := enforce(*kubeconfig, *node, *links); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// enforce prints "ready" when the policies that exist have taken effect, and ends with a signal. It leaves nothing behind.
func enforce(kubeconfig, node, links string) (failure error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	common.SetLogLevel("warning")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	tables, err := iptables.New()
	if err != nil {
		return err
	}
	sets := ipset.New(common.LogLogger(), largestList)
	way := chains{tables: tables, sets: sets, links: links}
	defer func() {
		if err := way.remove(); failure == nil {
			failure = err
		}
	}()
	if err := way.make(); err != nil {
		return err
	}
	faults := make(chan error, 1)
	if err := watch(ctx, client, npc.New(node, tables, sets, client), faults); err != nil {
		return err
	}
	fmt.Println("ready")
	select {
	case <-ctx.Done():
		return nil
	case err := <-faults:
		// A rule that is missing would make the tests see something else than the policies.
		return err
	}
}
