// Package leaktest looks for goroutines that a package's tests leave behind.
package leaktest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// giveUp is for how long goroutines may take to end. goleak by itself waits for two seconds, which is not long for a
// goroutine on a machine that is busy with other things.
const giveUp = 5 * time.Minute

// Main runs the tests and fails if goroutines stay when they are over. It is for TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := leaked(); err != nil {
			fmt.Fprintln(os.Stderr, "goroutines stay:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func leaked() (err error) {
	for end := time.Now().Add(giveUp); ; {
		if err = goleak.Find(); err == nil || time.Now().After(end) {
			return err
		}
	}
}
