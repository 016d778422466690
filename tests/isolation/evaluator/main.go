// Command evaluator answers whether NetworkPolicies let connections pass. It adds nothing to cyclonus' matcher but a way
// in and out: a question as JSON on standard input, and for each connection, in order, what both ends say about it.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Peer is one end of a connection: a pod, or an address outside the cluster where Pod is missing.
type Peer struct {
	IP  string `json:"ip"`
	Pod *struct {
		Namespace       string            `json:"namespace"`
		NamespaceLabels map[string]string `json:"namespaceLabels"`
		Labels          map[string]string `json:"labels"`
	} `json:"pod"`
}

// Question is what standard input holds.
type Question struct {
	Policies    []*networkingv1.NetworkPolicy `json:"policies"`
	Connections []struct {
		From     Peer            `json:"from"`
		To       Peer            `json:"to"`
		Port     int             `json:"port"`
		Protocol corev1.Protocol `json:"protocol"`
	} `json:"connections"`
}

// Verdict says which of the two ends lets a connection pass; both must.
type Verdict struct {
	Egress  bool `json:"egress"`
	Ingress bool `json:"ingress"`
}

func main() {
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
	policy := matcher.BuildNetworkPolicies(false, question.Policies)
	verdicts := []Verdict{}
	for _, connection := range question.Connections {
		result := policy.IsTrafficAllowed(&matcher.Traffic{
			Source:       peer(connection.From),
			Destination:  peer(connection.To),
			ResolvedPort: connection.Port,
			Protocol:     connection.Protocol,
		})
		verdicts = append(verdicts, Verdict{Egress: result.Egress.IsAllowed(), Ingress: result.Ingress.IsAllowed()})
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

func peer(given Peer) *matcher.TrafficPeer {
	if given.Pod == nil {
		return &matcher.TrafficPeer{IP: given.IP}
	}
	return &matcher.TrafficPeer{IP: given.IP, Internal: &matcher.InternalPeer{
		PodLabels:       given.Pod.Labels,
		NamespaceLabels: given.Pod.NamespaceLabels,
		Namespace:       given.Pod.Namespace,
	}}
}
