//go:build snakecheck

package store

// checkEvery is how many commands run between two looks at all invariants, each of which is O(n).
const checkEvery = 1 << 10

var commandsUntilCheck = checkEvery

// check panics if an invariant does not hold. The owner turns that into an error of the command that is to blame, or of one
// shortly behind it, and a stack in the log.
func (st *Store) check() {
	if commandsUntilCheck--; commandsUntilCheck > 0 {
		return
	}
	commandsUntilCheck = checkEvery
	if err := st.Verify(); err != nil {
		panic("store: " + err.Error())
	}
}
