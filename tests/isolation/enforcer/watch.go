package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/weaveworks/weave/npc"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// handlers say what becomes of objects of one kind.
type handlers[T runtime.Object] struct {
	add    func(T) error
	update func(before, after T) error
	remove func(T) error
}

// watch tells the controller about namespaces, pods and policies, now and from now on. It returns when all that exist have
// been told; `faults` gets the first failure after that, or before.
func watch(ctx context.Context, client kubernetes.Interface, to npc.NetworkPolicyController, faults chan error) error {
	core := client.CoreV1().RESTClient()
	networking := client.NetworkingV1().RESTClient()
	// In this order: pods are known as members of namespaces, and policies select both.
	steps := []func() error{
		func() error {
			return follow(ctx, core, "namespaces", &corev1.Namespace{}, faults,
				handlers[*corev1.Namespace]{to.AddNamespace, to.UpdateNamespace, to.DeleteNamespace})
		},
		func() error {
			return follow(ctx, core, "pods", &corev1.Pod{}, faults,
				handlers[*corev1.Pod]{to.AddPod, to.UpdatePod, to.DeletePod})
		},
		func() error {
			return follow(ctx, networking, "networkpolicies", &networkingv1.NetworkPolicy{}, faults,
				handlers[*networkingv1.NetworkPolicy]{
					func(policy *networkingv1.NetworkPolicy) error { return to.AddNetworkPolicy(ipv4(policy)) },
					func(before, after *networkingv1.NetworkPolicy) error {
						return to.UpdateNetworkPolicy(ipv4(before), ipv4(after))
					},
					func(policy *networkingv1.NetworkPolicy) error { return to.DeleteNetworkPolicy(ipv4(policy)) },
				})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	select {
	case err := <-faults:
		return err
	default:
		return nil
	}
}

func follow[T runtime.Object](
	ctx context.Context, getter cache.Getter, resource string, example T, faults chan error, tell handlers[T],
) error {
	check := func(what string, err error) {
		if err == nil {
			return
		}
		select {
		case faults <- fmt.Errorf("%s %s: %w", what, resource, err):
		default: // One is enough.
		}
	}
	source := cache.NewListWatchFromClient(getter, resource, "", fields.Everything())
	_, controller := cache.NewInformer(source, example, 0, cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { check("adding", tell.add(object.(T))) },
		UpdateFunc: func(before, after any) { check("updating", tell.update(before.(T), after.(T))) },
		DeleteFunc: func(object any) {
			if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			check("removing", tell.remove(object.(T)))
		},
	})
	go controller.Run(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), controller.HasSynced) {
		return errors.New("ended before the cluster's " + resource + " were known")
	}
	return nil
}
