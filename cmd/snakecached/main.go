// Command snakecached is a cache server that speaks Redis' protocol.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"snakecache/pkg/config"
)

const usage = `snakecached is a cache server that speaks Redis' protocol.

  snakecached [serve]           serve until SIGINT or SIGTERM
  snakecached ping [-host H] [-port P]
                                exit with 0 if a server answers, else with 1; also called healthcheck
  snakecached version           say the version
  snakecached help              say this

Everything is set by environment variables; those that can be changed while the server runs, with CONFIG SET too.

`

// The exit codes, besides 0.
const (
	exitFailed = 1
	exitUsage  = 2 // an argument or a setting is wrong
)

// usageError is a mistake of those who started the program.
type usageError struct{ error }

// world is what the program has to do with besides its arguments.
type world struct {
	environ        []string
	stdout, stderr io.Writer
	signals        <-chan os.Signal // asks serve to end
}

func main() {
	w := world{os.Environ(), os.Stdout, os.Stderr, endSignals()}
	os.Exit(w.run(os.Args[1:]))
}

// run runs the subcommand in args and returns the exit code. What went wrong is on stderr, a line for each thing.
func (w world) run(args []string) int {
	err := w.dispatch(args)
	if err == nil {
		return 0
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(w.stderr, "snakecached: %s\n", strings.TrimSpace(line))
	}
	if _, mistake := errors.AsType[usageError](err); mistake {
		return exitUsage
	}
	return exitFailed
}

func (w world) dispatch(args []string) error {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if name == "ping" || name == "healthcheck" {
		return w.ping(args)
	}
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no argument, but got %q", name, args[0])}
	}
	switch name {
	case "serve":
		return w.serve()
	case "version", "--version", "-version", "-v":
		fmt.Fprintln(w.stdout, versionText())
		return nil
	case "help", "--help", "-help", "-h":
		fmt.Fprint(w.stdout, usage)
		return config.Usage(w.stdout)
	}
	return usageError{fmt.Errorf("there is no command or flag %q; snakecached help shows what there is", name)}
}
