package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// memoryGroup is a control group that bounds the memory of the processes in it. It is made for one server and removed
// with it.
type memoryGroup struct {
	dir   string
	files groupFiles
}

// groupFiles are the names of one version of the memory controller.
type groupFiles struct {
	limit, usage, peak, events, killed string
}

var (
	groupV1 = groupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control", "oom_kill"}
	groupV2 = groupFiles{"memory.max", "memory.current", "memory.peak", "memory.events", "oom_kill"}
)

// memoryController returns where groups are made on this machine.
func memoryController() (root string, files groupFiles, err error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", files, err
	}
	if root, files, ok := findController(string(mounts)); ok {
		return root, files, nil
	}
	return "", files, fmt.Errorf("no memory controller is mounted")
}

// findController looks for version 1 first: where both versions are mounted, the memory controller belongs to the first.
func findController(mounts string) (root string, files groupFiles, ok bool) {
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		switch options := "," + fields[3] + ","; {
		case fields[2] == "cgroup" && strings.Contains(options, ",memory,"):
			return fields[1], groupV1, true
		case fields[2] == "cgroup2":
			root, files, ok = fields[1], groupV2, true
		}
	}
	return root, files, ok
}

// newMemoryGroup makes a group whose processes may have so many bytes together, and nothing on swap.
func newMemoryGroup(name string, limit int64) (*memoryGroup, error) {
	root, files, err := memoryController()
	if err != nil {
		return nil, err
	}
	g := &memoryGroup{filepath.Join(root, name), files}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(g.dir, files.limit), []byte(strconv.FormatInt(limit, 10)), 0o644); err != nil {
		os.Remove(g.dir)
		return nil, err
	}
	return g, nil
}

// remove takes the group away. The kernel may hold on to it for a moment after its last process has ended.
func (g *memoryGroup) remove() {
	for range 50 {
		if os.Remove(g.dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	progress("the control group %s is left behind", g.dir)
}

// inGroup is the program, started within a control group: a shell enters it and then becomes the program.
func (p program) inGroup(g *memoryGroup) program {
	command := p.command
	p.command = func(path string, port int) *exec.Cmd {
		cmd := command(path, port)
		cmd.Args = append([]string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(g.dir, "cgroup.procs"), cmd.Path}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		return cmd
	}
	return p
}

// number reads a file of the group that holds one number.
func (g *memoryGroup) number(name string) (int64, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, name))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// kills returns how many processes of the group the kernel has killed for want of memory.
func (g *memoryGroup) kills() (int64, error) {
	text, err := os.ReadFile(filepath.Join(g.dir, g.files.events))
	if err != nil {
		return 0, err
	}
	return groupEvent(string(text), g.files.killed)
}

// groupEvent reads one line "name number" of several.
func groupEvent(text, name string) (int64, error) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if key, value, _ := strings.Cut(lines.Text(), " "); key == name {
			return strconv.ParseInt(value, 10, 64)
		}
	}
	return 0, fmt.Errorf("no %s among the events of the control group", name)
}
