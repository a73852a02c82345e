package server

import (
	"os"
	"runtime"
	"time"
)

// processors lets the Go scheduler use no more processors than the load needs. Each one above that looks for work
// whenever a goroutine wakes another, which at pipeline 1 costs a quarter more CPU time per command; each one missing
// under full load costs throughput (docs/decisions/0003-processors.md has the figures). Redis' answer to the same
// question is the setting io-threads; ours follows the load.
type processors struct {
	most int // what Go chose at the start: the machine's, or those of the container's quota
	now  int
	cpu  time.Duration // used by the process up to the last look
	at   time.Time     // of the last look

	trial   bool // one was added at the last look
	refusal int  // looks between a trial in vain and the next one
	refused int  // looks for which there is still to be none
}

// A processor is added when those in use are busy for more than saturated of the time, and taken away when one fewer
// would be busy for less than relaxed of it. One that lets the process use less than worthwhile more, because others need the
// machine, only makes each command dearer: it is taken away again and not tried for a second, then for two, up to sixteen.
const (
	saturated    = 0.97
	relaxed      = 0.90
	worthwhile   = 0.25
	firstRefusal = 4
	longRefusal  = 64
	adjustEvery  = time.Second / 4
)

// FollowLoad sets GOMAXPROCS by the load, four times a second and from one processor on, until stop is closed. It changes the
// whole process, so it is for main to call. It returns at once if the user has set GOMAXPROCS, or where
// the system does not tell how much CPU time the process takes.
func FollowLoad(stop <-chan struct{}) {
	used := processTime()
	if os.Getenv("GOMAXPROCS") != "" || used == 0 {
		return
	}
	p := &processors{most: runtime.GOMAXPROCS(0), now: 1, cpu: used, at: time.Now()}
	defer runtime.GOMAXPROCS(p.most)
	runtime.GOMAXPROCS(p.now)
	ticker := time.NewTicker(adjustEvery)
	defer ticker.Stop()
	for {
		select {
		case at := <-ticker.C:
			p.adjust(at, processTime())
		case <-stop:
			return
		}
	}
}

// adjust goes by the CPU time since the last look and changes the number by one at most.
func (p *processors) adjust(at time.Time, cpu time.Duration) {
	busy := float64(cpu-p.cpu) / float64(at.Sub(p.at))
	p.at, p.cpu = at, cpu
	if next := p.next(busy); next != p.now {
		p.now = next
		runtime.GOMAXPROCS(next)
	}
}

// next returns how many processors suit a load that keeps busy of them busy.
func (p *processors) next(busy float64) int {
	p.refused = max(0, p.refused-1)
	wasTrial := p.trial
	p.trial = false
	switch {
	case wasTrial && busy < float64(p.now-1)+worthwhile:
		p.refuse(busy)
		return p.now - 1
	case busy < relaxed*float64(p.now-1):
		return p.now - 1
	case busy > saturated*float64(p.now) && p.refused == 0 && p.now < p.most:
		p.trial = true
		return p.now + 1
	}
	if wasTrial {
		p.refusal = 0
	}
	return p.now
}

// refuse sees to it that a trial in vain is not repeated at once. Where the load is over, it was none.
func (p *processors) refuse(busy float64) {
	if busy > saturated*float64(p.now-1) {
		p.refusal = min(max(firstRefusal, 2*p.refusal), longRefusal)
		p.refused = p.refusal
	}
}

func processTime() time.Duration {
	user, system := cpuTime()
	return user + system
}
