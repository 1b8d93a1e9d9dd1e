// The cloud's part of the embedded cluster: gives Services of type LoadBalancer an address after a delay, as annotations say.
// It never routes anything: once the status is set, kube-proxy does.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	delayAnnotation = "changeover.test/load-balancer-delay"
	kindAnnotation  = "changeover.test/load-balancer"
)

type loadBalancer struct {
	client  kubernetes.Interface
	range4  netip.Prefix
	range6  netip.Prefix
	delay   time.Duration
	mutex   sync.Mutex
	numbers map[types.UID]int
	last    int
	waiting map[types.UID]bool
}

func runLoadBalancer() {
	kubeconfig := flag.String("kubeconfig", "", "file")
	range4 := flag.String("range4", "", "IPv4 prefix of the addresses given out")
	range6 := flag.String("range6", "", "IPv6 prefix of the second addresses")
	delay := flag.Duration("delay", time.Second, "time until a Service gets its address, unless its annotation says otherwise")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	balancer := &loadBalancer{
		client: kubernetes.NewForConfigOrDie(config),
		range4: netip.MustParsePrefix(*range4), range6: netip.MustParsePrefix(*range6),
		delay: *delay, numbers: map[types.UID]int{}, waiting: map[types.UID]bool{},
	}
	factory := informers.NewSharedInformerFactory(balancer.client, time.Minute)
	balancer.watchServices(factory)
	openVolumes(factory)
	factory.Start(context.Background().Done())
	select {}
}

func (b *loadBalancer) watchServices(factory informers.SharedInformerFactory) {
	factory.Core().V1().Services().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { b.see(object.(*corev1.Service)) },
		UpdateFunc: func(_, object any) { b.see(object.(*corev1.Service)) },
		DeleteFunc: func(object any) {
			if tombstone, gone := object.(cache.DeletedFinalStateUnknown); gone {
				object = tombstone.Obj
			}
			b.release(object.(*corev1.Service).UID)
		},
	})
}

// openVolumes lets containers that do not run as root write to their volumes: the hostpath provisioner
// creates directories with mode 0750, and fsGroup does not apply to host paths.
func openVolumes(factory informers.SharedInformerFactory) {
	factory.Core().V1().PersistentVolumes().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			volume := object.(*corev1.PersistentVolume)
			if volume.Spec.HostPath == nil || !strings.HasPrefix(volume.Spec.HostPath.Path, "/tmp/hostpath_pv/") {
				return
			}
			if err := os.Chmod(volume.Spec.HostPath.Path, 0o777); err != nil {
				log.Printf("volume %s: %v", volume.Name, err)
			}
		},
	})
}

func (b *loadBalancer) see(service *corev1.Service) {
	if service.Spec.Type != corev1.ServiceTypeLoadBalancer || service.Spec.LoadBalancerClass != nil {
		b.release(service.UID)
		if len(service.Status.LoadBalancer.Ingress) > 0 && service.Spec.LoadBalancerClass == nil {
			go b.write(service, nil)
		}
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.waiting[service.UID] || equality.Semantic.DeepEqual(service.Status.LoadBalancer.Ingress, b.wanted(service)) {
		return
	}
	b.waiting[service.UID] = true
	delay := b.delay
	if parsed, err := time.ParseDuration(service.Annotations[delayAnnotation]); err == nil {
		delay = parsed
	}
	time.AfterFunc(delay, func() { b.give(service) })
}

// give reads the Service again: during the delay it may have changed or gone.
func (b *loadBalancer) give(seen *corev1.Service) {
	service, err := b.client.CoreV1().Services(seen.Namespace).Get(context.Background(), seen.Name, metav1.GetOptions{})
	b.mutex.Lock()
	delete(b.waiting, seen.UID)
	if err != nil || service.UID != seen.UID || service.Spec.Type != corev1.ServiceTypeLoadBalancer {
		b.mutex.Unlock()
		return
	}
	wanted := b.wanted(service)
	b.mutex.Unlock()
	b.write(service, wanted)
}

func (b *loadBalancer) write(service *corev1.Service, ingress []corev1.LoadBalancerIngress) {
	changed := service.DeepCopy()
	changed.Status.LoadBalancer.Ingress = ingress
	_, err := b.client.CoreV1().Services(service.Namespace).UpdateStatus(context.Background(), changed, metav1.UpdateOptions{})
	if err != nil {
		// The next event or the resync brings the Service back here.
		log.Printf("%s/%s: %v", service.Namespace, service.Name, err)
		return
	}
	for _, entry := range ingress {
		log.Printf("%s/%s: %s%s", service.Namespace, service.Name, entry.IP, entry.Hostname)
	}
}

// wanted is the status that the Service should have; its annotation chooses the kind.
func (b *loadBalancer) wanted(service *corev1.Service) []corev1.LoadBalancerIngress {
	switch kind := service.Annotations[kindAnnotation]; kind {
	case "none":
		return nil
	case "hostname":
		// The name resolves (cluster DNS makes an address of it) to the cluster IP, which always routes.
		name := strings.ReplaceAll(service.Spec.ClusterIP, ".", "-")
		return []corev1.LoadBalancerIngress{{Hostname: fmt.Sprintf("lb-%s.lb.test", name)}}
	default:
		number := b.number(service)
		ingress := []corev1.LoadBalancerIngress{virtualAddress(nth(b.range4, number))}
		if kind == "dual" {
			ingress = append(ingress, virtualAddress(nth(b.range6, number)))
		}
		return ingress
	}
}

func virtualAddress(address netip.Addr) corev1.LoadBalancerIngress {
	mode := corev1.LoadBalancerIPModeVIP
	return corev1.LoadBalancerIngress{IP: address.String(), IPMode: &mode}
}

// number is never given out twice in the life of a cluster: an address that comes back at once under another
// release would make a client with an old answer look as if it had moved.
func (b *loadBalancer) number(service *corev1.Service) int {
	number, known := b.numbers[service.UID]
	if !known {
		b.last++
		number = b.last
		b.numbers[service.UID] = number
	}
	return number
}

func (b *loadBalancer) release(uid types.UID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.numbers, uid)
}

func nth(prefix netip.Prefix, number int) netip.Addr {
	address := prefix.Masked().Addr()
	for range number {
		address = address.Next()
	}
	return address
}
