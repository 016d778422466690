package main

import (
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
)

// ipv4 returns the policy without ranges of IPv6 addresses, which allow nothing where no pod has such an address. The
// controller would hand them to ipset, which refuses them, so that the rest of the policy is left out, and to iptables,
// which takes ::/0 for every IPv4 address.
func ipv4(policy *networkingv1.NetworkPolicy) *networkingv1.NetworkPolicy {
	policy = policy.DeepCopy()
	spec := &policy.Spec
	// A rule that has no peers left must go: without any, it would mean everybody.
	spec.Ingress = slices.DeleteFunc(spec.Ingress, func(rule networkingv1.NetworkPolicyIngressRule) bool {
		return len(rule.From) > 0 && !slices.ContainsFunc(rule.From, hasIPv4)
	})
	for i := range spec.Ingress {
		spec.Ingress[i].From = onlyIPv4(spec.Ingress[i].From)
	}
	spec.Egress = slices.DeleteFunc(spec.Egress, func(rule networkingv1.NetworkPolicyEgressRule) bool {
		return len(rule.To) > 0 && !slices.ContainsFunc(rule.To, hasIPv4)
	})
	for i := range spec.Egress {
		spec.Egress[i].To = onlyIPv4(spec.Egress[i].To)
	}
	return policy
}

func hasIPv4(peer networkingv1.NetworkPolicyPeer) bool {
	if peer.IPBlock == nil {
		return true
	}
	block, err := netip.ParsePrefix(peer.IPBlock.CIDR)
	return err == nil && block.Addr().Is4()
}

func onlyIPv4(peers []networkingv1.NetworkPolicyPeer) []networkingv1.NetworkPolicyPeer {
	return slices.DeleteFunc(peers, func(peer networkingv1.NetworkPolicyPeer) bool { return !hasIPv4(peer) })
}
