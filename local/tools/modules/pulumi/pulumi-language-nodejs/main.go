// Command pulumi-language-nodejs is the language host that the Pulumi CLI starts for `runtime: nodejs`: it tells which
// plugins a program needs, and runs programs and policy packs with Node.js. The other half is in npm's @pulumi/pulumi
// (cmd/run, cmd/run-plugin, cmd/run-policy-pack). It generates no code: `pulumi convert`, `package add` and the like are
// answered with "unimplemented".
package main

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"tradestream.local/tools/pulumi/internal/serve"
)

// version is set by the linker.
var version = "3.0.0-dev"

func main() {
	err := serve.Serve(func(ctx context.Context, engine string, server *grpc.Server) {
		pulumirpc.RegisterLanguageRuntimeServer(server, &host{engine: engine, ctx: ctx})
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-nodejs: %v\n", err)
		os.Exit(1)
	}
}
