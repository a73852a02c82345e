// Command bench measures snakecached beside redis-server on this machine and writes docs/benchmarks.md.
//
// It builds the server, starts both on free loopback ports and loads them in alternation (A B B A …), never both at once.
// Machines are noisy, so what it reports of a load are medians of the ratios of neighbouring runs, and the CPU time a
// command costs. Linux only: CPU time and memory are read from /proc.
//
//	go run ./bench                                              the load table, about ten minutes
//	go run ./bench -suite memory,pauses                         other suites, each a section of the report
//	go run ./bench -suite all                                   every suite
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
	defaultSeconds  = 0.5
	idleConnections = 9900 // just below Redis' default of 10,000 maxclients
)

var defaultPipelines = []int{1, 16, 64}

// options are the flags, checked.
type options struct {
	suites    []suite
	args      []string // the flags as given, but for -suite
	rounds    int
	pipelines []int
	workloads []workload
	mixes     []mix
	seconds   float64
	requests  int // 0: calibrated per cell
	server    string
	against   string
	out       string
	idle      int
}

func main() {
	if isChild(os.Args) {
		exitOn(beChild(os.Args))
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
		err = errors.New("interrupted; the servers are stopped, the suite under way has written nothing")
	}
	stop()
	exitOn(err)
}

// isChild tells the processes that hold idle connections or probe: this program again, without flags of the user's.
func isChild(args []string) bool {
	return len(args) > 1 && (args[1] == holdArgument || args[1] == probeArgument)
}

// beChild does a child's work.
func beChild(args []string) error {
	switch {
	case args[1] == holdArgument && len(args) == 4:
		return hold(args[2], args[3])
	case args[1] == probeArgument && len(args) == 5:
		return probe(args[2], args[3], args[4])
	}
	return fmt.Errorf("%s is for this program's own use", args[1])
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
	var names, pipelines, commands, mixNames string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&names, "suite", defaultSuite, "`suites` to run: all, or of "+strings.Join(suiteNames(), ", "))
	flags.IntVar(&opts.rounds, "rounds", defaultRounds, "runs of each server for each figure that is measured in alternation")
	flags.StringVar(&pipelines, "pipelines", joinInts(defaultPipelines), "load, types: pipeline depths")
	flags.StringVar(&commands, "commands", strings.Join(workloadNames(), ","), "load: commands")
	flags.StringVar(&mixNames, "mixes", "", "types: mixes whose names contain one of these `words` (default all)")
	flags.Float64Var(&opts.seconds, "seconds", defaultSeconds, "load, types, sessions, scripts, off: length of a run, as calibrated on the reference server")
	flags.IntVar(&opts.requests, "n", 0, "load, types, sessions, scripts, off: commands per run, instead of calibrating")
	flags.StringVar(&opts.server, "server", "", "a ready snakecached `binary`, instead of building one")
	flags.StringVar(&opts.against, "against", "", "another snakecached `binary` to compare with, instead of redis-server")
	flags.StringVar(&opts.out, "o", "", "the report's `file` (default "+defaultReport+" for a full run, none for a quick look)")
	flags.IntVar(&opts.idle, "idle", 0, "load: measure only the memory of this many idle connections")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) {
		if f.Name != "suite" {
			opts.args = append(opts.args, "-"+f.Name, f.Value.String())
		}
	})
	var err error
	if opts.suites, err = findSuites(names); err != nil {
		return opts, err
	}
	if opts.mixes, err = findMixes(mixNames); err != nil {
		return opts, err
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
	return opts.idle == 0 && opts.against == "" && opts.server == "" && opts.requests == 0 && opts.seconds >= defaultSeconds &&
		opts.rounds >= defaultRounds && slices.Equal(opts.pipelines, defaultPipelines) &&
		len(opts.workloads) == len(workloads) && len(opts.mixes) == len(mixes)
}

// run measures what the options ask for, one suite after the other. What a suite found is printed and written before
// the next begins, which may fail.
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
	for _, s := range opts.suites {
		// The machine is described before anything is loaded, for the load average.
		c := circumstances{time.Now(), describeMachine(), opts.repeat(s.name), subject, reference, opts.against == ""}
		found, err := s.measure(ctx, setup{subject, reference, dir, opts.rounds, opts})
		if err != nil {
			return fmt.Errorf("suite %s: %w", s.name, err)
		}
		if err := publish(opts.out, s.name, s.render(c, found)); err != nil {
			return err
		}
	}
	return nil
}

// repeat is the command that runs one suite again as it runs now.
func (opts options) repeat(name string) string {
	words := []string{"go run ./bench"}
	if name != defaultSuite {
		words = append(words, "-suite", name)
	}
	return strings.Join(append(words, opts.args...), " ")
}

// idleConnections is how many to measure: the acceptance table's number in a full run, those asked for with -idle else.
func (opts options) idleConnections() int {
	if opts.full() {
		return idleConnections
	}
	return opts.idle
}

// publish prints a section and, where a report's file is given, puts it in there too.
func publish(file, name, markdown string) error {
	fmt.Println(markdown)
	if file == "" {
		return nil
	}
	if err := writeSection(file, name, markdown); err != nil {
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
