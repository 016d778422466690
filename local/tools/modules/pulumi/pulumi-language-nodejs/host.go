package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// exitAfterLoggedError is how the SDK says that it has already told what is wrong (sdk/nodejs/cmd/run).
const exitAfterLoggedError = 32

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
	ctx    context.Context // ends with this process
}

func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.engine = request.EngineAddress
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil // the CLI interrupts the whole process group
}

// Run runs the program to its end.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := request.Info
	options, err := readOptions(info)
	if err != nil {
		return nil, err
	}
	runner, err := findRunner(info.ProgramDirectory, "run")
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(request.Config)
	contract.AssertNoErrorf(err, "a map of strings")
	secretKeys, err := json.Marshal(append([]string{}, request.ConfigSecretKeys...)) // the SDK takes no null
	contract.AssertNoErrorf(err, "a list of strings")

	args := append(options.nodeArgs, runner)
	for _, setting := range [][2]string{
		{"monitor", request.MonitorAddress},
		{"engine", h.engine},
		{"organization", request.Organization},
		{"project", request.Project},
		{"root-directory", info.RootDirectory},
		{"stack", request.Stack},
		{"pwd", request.Pwd},
		{"parallel", strconv.Itoa(int(request.Parallel))},
	} {
		if setting[1] != "" {
			args = append(args, "--"+setting[0], setting[1])
		}
	}
	if request.DryRun {
		args = append(args, "--dry-run")
	}
	args = append(append(args, info.EntryPoint), request.Args...)

	command := h.command(ctx, request.Pwd, "node", args...)
	command.Env = append(withoutPassphrase(os.Environ()),
		"PULUMI_CONFIG="+string(config),
		"PULUMI_CONFIG_SECRET_KEYS="+string(secretKeys),
		"PULUMI_NODEJS_TYPESCRIPT="+strconv.FormatBool(options.typescript),
	)
	if options.tsconfig != "" {
		command.Env = append(command.Env, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	// The CLI shows what its language host prints.
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	code, err := run(command)
	switch {
	case err != nil:
		return nil, err
	case code == 0:
		return &pulumirpc.RunResponse{}, nil
	case code == exitAfterLoggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with exit code %d", code)}, nil
	}
}

// withoutPassphrase leaves out what decrypts the whole state: the program gets decrypted values and has no use for it.
func withoutPassphrase(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		return strings.HasPrefix(variable, "PULUMI_CONFIG_PASSPHRASE")
	})
}

// RunPlugin runs a policy pack, or a provider written in TypeScript, until the CLI hangs up.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	options, err := readOptions(request.Info)
	if err != nil {
		return err
	}
	directory := request.Info.ProgramDirectory
	name, workingDirectory := "run-plugin", request.Pwd
	if request.Kind == "analyzer" {
		// A pack reads the package.json in its working directory.
		name, workingDirectory = "run-policy-pack", directory
	}
	runner, err := findRunner(directory, name)
	if err != nil {
		return err
	}
	args := append(append(options.nodeArgs, runner), request.Args...)
	command := h.command(server.Context(), workingDirectory, "node", append(args, directory)...)
	command.Env = request.Env
	stream := &streams{send: func(out, err []byte) error {
		if err != nil {
			return server.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stderr{Stderr: err}})
		}
		return server.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Stdout{Stdout: out}})
	}}
	command.Stdout, command.Stderr = stream.out(), stream.err()
	code, err := run(command)
	if err != nil {
		return err
	}
	exit := &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}
	return server.Send(&pulumirpc.RunPluginResponse{Output: exit})
}

// InstallDependencies does what `pulumi install` asks for.
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	options, err := readOptions(request.Info)
	if err != nil {
		return err
	}
	args := []string{"install"}
	if request.IsPlugin && options.packageManager == "npm" {
		args = append(args, "--omit=dev")
	}
	command := h.command(server.Context(), request.Info.ProgramDirectory, options.packageManager, args...)
	stream := &streams{send: func(out, err []byte) error {
		return server.Send(&pulumirpc.InstallDependenciesResponse{Stdout: out, Stderr: err})
	}}
	command.Stdout, command.Stderr = stream.out(), stream.err()
	code, err := run(command)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s install ended with exit code %d", options.packageManager, code)
	}
	return err
}

func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	output, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(output))}, nil
}

// RuntimeOptionsPrompts has nothing to ask in `pulumi new`.
func (h *host) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

// options are runtime.options of Pulumi.yaml or PulumiPolicy.yaml.
type options struct {
	typescript     bool
	tsconfig       string
	nodeArgs       []string
	packageManager string
}

func readOptions(info *pulumirpc.ProgramInfo) (options, error) {
	result := options{typescript: true, packageManager: "npm"}
	for key, value := range info.GetOptions().AsMap() {
		text, isText := value.(string)
		flag, isFlag := value.(bool)
		switch {
		case key == "typescript" && isFlag:
			result.typescript = flag
		case key == "tsconfig" && isText:
			result.tsconfig = text
		case key == "nodeargs" && isText:
			args, err := splitWords(text)
			if err != nil {
				return result, fmt.Errorf("runtime option nodeargs: %w", err)
			}
			result.nodeArgs = args
		case key == "packagemanager" && isText:
			result.packageManager = text
		default:
			return result, fmt.Errorf("runtime option %s: %v is not known to this language host", key, value)
		}
	}
	return result, nil
}

// splitWords splits at blanks as a shell does, with quotes and backslashes.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	started, escaped := false, false
	for _, char := range text {
		switch {
		case escaped:
			word.WriteRune(char)
			escaped = false
		case char == '\\' && quote != '\'':
			started, escaped = true, true
		case quote != 0 && char == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(char)
		case char == '\'' || char == '"':
			started, quote = true, char
		case char == ' ' || char == '\t' || char == '\n':
			if started {
				words = append(words, word.String())
				word.Reset()
			}
			started = false
		default:
			started = true
			word.WriteRune(char)
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("unfinished quote")
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}

// findRunner finds a module of the SDK as Node.js does: in node_modules of the directory or of one above it.
func findRunner(directory, name string) (string, error) {
	for at := directory; ; at = filepath.Dir(at) {
		runner := filepath.Join(at, "node_modules", "@pulumi", "pulumi", "cmd", name)
		if _, err := os.Stat(runner); err == nil {
			return runner, nil
		}
		if at == filepath.Dir(at) {
			// The CLI looks for these words of Node.js to say that a policy pack's dependencies are not installed.
			return "", fmt.Errorf("Cannot find module '@pulumi/pulumi/cmd/%s' in %s: run `npm ci` there", name, directory)
		}
	}
}

// command is a process that ends with the request, and with this process.
func (h *host) command(ctx context.Context, directory, name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(h.ctx, cancel)
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = directory
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 2 * time.Second
	return command
}

// run runs a command, and returns its exit code.
func run(command *exec.Cmd) (int, error) {
	// The kernel sends Pdeathsig when the thread that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// streams sends what a command prints, one message at a time.
type streams struct {
	mutex sync.Mutex
	send  func(out, err []byte) error
}

type writer func([]byte) (int, error)

func (w writer) Write(data []byte) (int, error) { return w(data) }

func (s *streams) out() writer {
	return func(data []byte) (int, error) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return len(data), s.send(data, nil)
	}
}

func (s *streams) err() writer {
	return func(data []byte) (int, error) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return len(data), s.send(nil, data)
	}
}
