// Keeps the kernel's rules as the cluster's NetworkPolicies say, as the CNI plugin of another cluster would do it.
// It touches two chains of its own and the two that lead to them, all in the mangle table, and nothing of kube-proxy's.
package main

import (
	"bytes"
	"context"
	"flag"
	"log"
	"net/netip"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	coreinformers "k8s.io/client-go/informers/core/v1"
	networkinginformers "k8s.io/client-go/informers/networking/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func runNetworkPolicy() {
	kubeconfig := flag.String("kubeconfig", "", "file")
	podRange := flag.String("pods", "", "IPv4 prefix of the addresses of all pods")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	enforcer := &enforcer{
		pods:       factory.Core().V1().Pods(),
		namespaces: factory.Core().V1().Namespaces(),
		policies:   factory.Networking().V1().NetworkPolicies(),
		podRange:   netip.MustParsePrefix(*podRange),
		changed:    make(chan struct{}, 1),
	}
	enforcer.run(factory)
}

type enforcer struct {
	pods       coreinformers.PodInformer
	namespaces coreinformers.NamespaceInformer
	policies   networkinginformers.NetworkPolicyInformer
	podRange   netip.Prefix
	// One waiting signal is enough: whoever takes it looks at everything.
	changed chan struct{}
	written string
}

func (e *enforcer) run(factory informers.SharedInformerFactory) {
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { e.signal() },
		UpdateFunc: func(any, any) { e.signal() },
		DeleteFunc: func(any) { e.signal() },
	}
	for _, informer := range []cache.SharedIndexInformer{e.pods.Informer(), e.namespaces.Informer(), e.policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			log.Fatal(err)
		}
	}
	factory.Start(context.Background().Done())
	// Half of the objects would open what the other half closes.
	factory.WaitForCacheSync(context.Background().Done())
	e.signal()
	for range e.changed {
		if err := e.sync(); err != nil {
			log.Print(err)
			time.AfterFunc(time.Second, e.signal)
		}
	}
}

func (e *enforcer) signal() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// sync writes all rules in one transaction, and nothing when they are as they were.
func (e *enforcer) sync() error {
	seen, err := e.see()
	if err != nil {
		return err
	}
	rules := seen.rules()
	if rules == e.written {
		return nil
	}
	started := time.Now()
	saved, err := exec.Command("iptables-save", "--counters", "--table", "mangle").Output()
	if err != nil {
		return err
	}
	command := exec.Command("iptables-restore", "--noflush", "--counters", "--wait", "5")
	command.Stdin = strings.NewReader(withCounts(rules, string(saved)))
	var printed bytes.Buffer
	command.Stderr = &printed
	if err := command.Run(); err != nil {
		log.Printf("iptables-restore: %s\n%s", printed.String(), rules)
		return err
	}
	e.written = rules
	log.Printf("%d policies, %d lines, written in %s", len(seen.policies), strings.Count(rules, "\n"), time.Since(started))
	return nil
}

func (e *enforcer) see() (world, error) {
	pods, err := e.pods.Lister().List(labels.Everything())
	if err != nil {
		return world{}, err
	}
	namespaces, err := e.namespaces.Lister().List(labels.Everything())
	if err != nil {
		return world{}, err
	}
	policies, err := e.policies.Lister().List(labels.Everything())
	if err != nil {
		return world{}, err
	}
	return worldOf(e.podRange, namespaces, pods, policies), nil
}
