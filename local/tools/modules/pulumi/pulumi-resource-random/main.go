// Command pulumi-resource-random is a Pulumi provider of random values for programs that use npm's @pulumi/random: its
// resources RandomPassword, RandomString, RandomBytes, RandomId and RandomUuid, with the same names, rules and outputs.
// Every other type is refused by its name.
package main

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"tradestream.local/tools/pulumi/internal/serve"
)

// version is set by the linker.
var version = "4.0.0-dev"

func main() {
	err := serve.Serve(func(_ context.Context, _ string, server *grpc.Server) {
		pulumirpc.RegisterResourceProviderServer(server, plugin.NewProviderServer(&random{}))
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-random: %v\n", err)
		os.Exit(1)
	}
}
