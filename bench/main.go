// Command bench measures snakecached beside redis-server on this machine and writes docs/benchmarks.md.
//
// It builds the server, starts both on free loopback ports and loads them with redis-benchmark in alternation
// (A B B A …), never both at once. Machines are noisy, so what it reports are medians of the ratios of neighbouring
// runs, and the CPU time a command costs. Linux only: CPU time and memory are read from /proc.
//
//	go run ./bench                                              the whole table, about ten minutes
//	go run ./bench -pipelines 1 -commands GET,SET -rounds 3     a quick look
//	go run ./bench -server ./new -against ./old                 two builds of snakecached
//	go run ./bench -idle 9900                                   only the memory of idle connections
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What a full run measures: the values of the acceptance table. Anything less is a quick look, see options.full.
const (
	defaultReport   = "docs/benchmarks.md"
	defaultRounds   = 5
	idleConnections = 9900 // just below Redis' default of 10,000 maxclients
)

var defaultPipelines = []int{1, 16, 64}

// options are the flags, checked.
type options struct {
	rounds    int
	pipelines []int
	workloads []workload
	seconds   float64
	requests  int // 0: calibrated per cell
	server    string
	against   string
	out       string
	idle      int
}

func main() {
	// The process that holds idle connections is this program again; it has no flags of the user's.
	if len(os.Args) == 4 && os.Args[1] == holdArgument {
		exitOn(hold(os.Args[2], os.Args[3]))
		return
	}
	opts, err := parseFlags(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	err = run(ctx, opts)
	if ctx.Err() != nil {
		err = errors.New("interrupted; the servers are stopped, nothing was written")
	}
	stop()
	exitOn(err)
}

// exitOn ends the program with status 1 when err is set. Servers have been stopped by then: run defers it.
func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parseFlags reads the command line; help and flag errors are printed to w.
func parseFlags(args []string, w io.Writer) (options, error) {
	var opts options
	var pipelines, commands string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.IntVar(&opts.rounds, "rounds", defaultRounds, "runs of each server per pipeline and command")
	flags.StringVar(&pipelines, "pipelines", joinInts(defaultPipelines), "pipeline depths")
	flags.StringVar(&commands, "commands", strings.Join(workloadNames(), ","), "commands")
	flags.Float64Var(&opts.seconds, "seconds", 1, "length of a run, as calibrated on the reference server")
	flags.IntVar(&opts.requests, "n", 0, "commands per run, instead of calibrating")
	flags.StringVar(&opts.server, "server", "", "a ready snakecached `binary`, instead of building one")
	flags.StringVar(&opts.against, "against", "", "another snakecached `binary` to compare with, instead of redis-server")
	flags.StringVar(&opts.out, "o", "", "the report's `file` (default "+defaultReport+" for a full run, none for a quick look)")
	flags.IntVar(&opts.idle, "idle", 0, "measure only the memory of this many idle connections")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return opts.check(pipelines, commands)
}

// check completes the options with the parsed lists and refuses what cannot be measured.
func (opts options) check(pipelines, commands string) (options, error) {
	for field := range strings.SplitSeq(pipelines, ",") {
		depth, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || depth < 1 {
			return opts, fmt.Errorf("-pipelines: %q is not a positive number", field)
		}
		opts.pipelines = append(opts.pipelines, depth)
	}
	for field := range strings.SplitSeq(commands, ",") {
		w, err := findWorkload(strings.TrimSpace(field))
		if err != nil {
			return opts, err
		}
		opts.workloads = append(opts.workloads, w)
	}
	if opts.rounds < 1 || opts.seconds <= 0 || opts.requests < 0 || opts.idle < 0 {
		return opts, errors.New("-rounds and -seconds must be positive, -n and -idle not negative")
	}
	if opts.out == "" && opts.full() {
		opts.out = defaultReport
	}
	return opts, nil
}

// full tells whether this run is the acceptance table. Only then is the committed report overwritten without being
// asked for, and only then are idle connections measured after the load.
func (opts options) full() bool {
	return opts.idle == 0 && opts.against == "" && opts.server == "" && opts.requests == 0 && opts.seconds >= 1 &&
		opts.rounds >= defaultRounds && slices.Equal(opts.pipelines, defaultPipelines) &&
		len(opts.workloads) == len(workloads)
}

// run measures what the options ask for, prints the report and writes it to opts.out.
func run(ctx context.Context, opts options) error {
	dir, err := os.MkdirTemp("", "snakecache-bench-")
	if err != nil {
		return err
	}
	// Deferred first, so done last: the servers' logs lie in it until the servers have stopped.
	defer os.RemoveAll(dir)
	subject, reference, err := programs(ctx, opts, dir)
	if err != nil {
		return err
	}
	// The machine is described before anything is loaded, for the load average.
	rep := report{
		date: time.Now(), machine: describeMachine(), args: os.Args[1:], rounds: opts.rounds,
		subject: subject, reference: reference, againstRedis: opts.against == "",
	}
	if opts.idle == 0 {
		if rep.cells, err = measureCells(ctx, opts, subject, reference, dir); err != nil {
			return err
		}
	}
	if connections := opts.idleConnections(); connections > 0 {
		if rep.idle, err = measureIdle(ctx, connections, dir, subject, reference); err != nil {
			return err
		}
	}
	return publish(rep.render(), opts.out)
}

// idleConnections is how many to measure: the acceptance table's number in a full run, those asked for with -idle else.
func (opts options) idleConnections() int {
	if opts.full() {
		return idleConnections
	}
	return opts.idle
}

// publish prints the report and, where a file is wanted, writes it there too.
func publish(markdown, file string) error {
	fmt.Print(markdown)
	if file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(markdown), 0o644); err != nil {
		return err
	}
	progress("written to %s", file)
	return nil
}

// progress tells the person who waits what is being measured; standard output is the report's.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// joinInts writes numbers as the flags take them, "1,16,64".
func joinInts(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ","), "[]")
}
