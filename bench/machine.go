package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// machine is what a reader needs to judge the figures.
type machine struct {
	cpu, kernel, load string
	cores             int
	environment       []string // settings of the caller's environment that reach snakecached
}

// describeMachine is called before the first load, so that the load average is the machine's own.
func describeMachine() machine {
	return machine{
		cpu:         cpuModel(firstBytes("/proc/cpuinfo")),
		kernel:      strings.TrimSpace(firstBytes("/proc/sys/kernel/osrelease")),
		load:        loadAverage(firstBytes("/proc/loadavg")),
		cores:       runtime.NumCPU(),
		environment: tuning(os.Environ()),
	}
}

// firstBytes returns a /proc file's content, or nothing where there is none: the report then says unknown.
func firstBytes(path string) string {
	content, _ := os.ReadFile(path)
	return string(content)
}

// cpuModel is the first processor's name; some architectures' /proc/cpuinfo has none.
func cpuModel(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// loadAverage keeps the means over 1, 5 and 15 minutes; what follows them changes with every process.
func loadAverage(loadavg string) string {
	fields := strings.Fields(loadavg)
	if len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], " ")
}

// tuning picks the variables that change how snakecached runs, in the order they are set. Passwords (REQUIREPASS and
// its file) stay out of a report that is meant to be published.
func tuning(environ []string) []string {
	var found []string
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case name == "GOMAXPROCS", name == "GOGC", name == "GOMEMLIMIT", name == "GODEBUG", name == "GOAMD64":
			found = append(found, variable)
		case strings.HasPrefix(name, "SNAKE_CACHE_") && !strings.Contains(name, "PASS"):
			found = append(found, variable)
		}
	}
	return found
}

// workingTreeVersion names the commit that was built. The report itself does not make the tree dirty, or no second run
// could be clean.
func workingTreeVersion() string {
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return runtime.Version() + ", no known commit"
	}
	version := runtime.Version() + ", commit " + strings.TrimSpace(string(commit))
	changes, err := exec.Command("git", "status", "--porcelain", "--", ":/", ":(exclude,top)"+defaultReport).Output()
	if err != nil || len(changes) > 0 {
		version += " (dirty)"
	}
	return version
}

// binaryVersion names a ready binary by its file name and the commit the Go tool stamped into it, if it did.
func binaryVersion(path string) string {
	version := "binary " + filepath.Base(path)
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return version
	}
	version += ", " + info.GoVersion
	settings := make(map[string]string)
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if revision := settings["vcs.revision"]; revision != "" {
		version += fmt.Sprintf(", commit %.7s", revision)
	}
	if settings["vcs.modified"] == "true" {
		version += " (dirty)"
	}
	return version
}

// redisVersion reads `redis-server --version`: "Redis server v=7.0.15 sha=…".
func redisVersion() string {
	out, _ := exec.Command("redis-server", "--version").Output()
	for field := range strings.FieldsSeq(string(out)) {
		if version, found := strings.CutPrefix(field, "v="); found {
			return version
		}
	}
	return "of unknown version"
}
