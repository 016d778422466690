// Command cert-manager is cert-manager's controller, and with the first argument "acmesolver" what answers HTTP-01
// challenges: the official main packages are in modules of their own, which no module proxy serves.
//
// There is no webhook: an invalid Certificate is accepted, and stays not ready.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	dns "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"

	// Each of these registers a controller or an issuer.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	gateways "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

const workers = 5

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	run := runController
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "acmesolver" {
		run, args = runSolver, args[1:]
	}
	if err := run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runController(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("cert-manager", flag.ExitOnError)
	namespace := flags.String("cluster-resource-namespace", "cert-manager", "namespace of the Secrets of ClusterIssuers")
	solverImage := flags.String("acme-http01-solver-image", "", "image of the pods that answer HTTP-01 challenges")
	gatewayAPI := flags.Bool("enable-gateway-api", false, "issue certificates for Gateways too")
	var hostNameservers []string
	recordNameservers := dns.RecursiveNameservers
	flags.Func("acme-http01-solver-nameservers", "who knows the hosts of HTTP-01 challenges", into(&hostNameservers))
	flags.Func("dns01-recursive-nameservers", "who knows the zones of DNS-01 challenges", into(&recordNameservers))
	metricsAddress := flags.String("metrics-listen-address", "0.0.0.0:9402", "address of the metrics")
	recursiveOnly := flags.Bool("dns01-recursive-nameservers-only", false, "do not ask the zone's own name servers")
	_ = flags.Parse(args)

	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		IssuerOptions: controller.IssuerOptions{ClusterResourceNamespace: *namespace},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 *solverImage,
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
			HTTP01SolverNameservers:           hostNameservers,
			DNS01Nameservers:                  recordNameservers,
			DNS01CheckAuthoritative:           !*recursiveOnly,
			// As long as cert-manager itself waits by default; without it, a challenge is looked at without a pause.
			DNS01CheckRetryPeriod: 10 * time.Second,
		},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Minute,
			CertificateRequestMaximumBackoffDuration: time.Hour,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: 60},
		ConfigOptions:    controller.ConfigOptions{EnableGatewayAPI: *gatewayAPI},
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for name, construct := range controller.Known() {
		if name == gateways.ControllerName && !*gatewayAPI {
			continue
		}
		built, err := construct(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return built.Run(workers, ctx) })
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}
	shared.Metrics.SetupCertificateCollector(shared.SharedInformerFactory.Certmanager().V1().Certificates().Lister())
	listener, err := net.Listen("tcp", *metricsAddress)
	if err != nil {
		return err
	}
	server := shared.Metrics.NewServer(listener)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	if *gatewayAPI {
		shared.GWShared.Start(ctx.Done())
	}
	return group.Wait()
}

// into sets a list to the values of a flag, which commas separate.
func into(list *[]string) func(string) error {
	return func(text string) error {
		*list = strings.Split(text, ",")
		return nil
	}
}

func runSolver(ctx context.Context, args []string) error {
	var challenge solver.HTTP01Solver
	flags := flag.NewFlagSet("acmesolver", flag.ExitOnError)
	flags.IntVar(&challenge.ListenPort, "listen-port", 8089, "port to listen on")
	flags.StringVar(&challenge.Domain, "domain", "", "host of the challenge")
	flags.StringVar(&challenge.Token, "token", "", "its token")
	flags.StringVar(&challenge.Key, "key", "", "its key")
	_ = flags.Parse(args)
	context.AfterFunc(ctx, func() { _ = challenge.Close() })
	if err := challenge.Listen(klog.Background()); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
