// Cluster DNS with the few plugins it needs: CoreDNS's own list of plugins would add minutes to the build.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func runCoreDNS() {
	// The order decides which plugin sees a query first.
	dnsserver.Directives = []string{"bind", "ready", "errors", "cache", "template", "kubernetes", "forward"}
	coremain.Run()
}
