package commands

import (
	"math/rand/v2"
	"strings"

	"snakecache/pkg/actor"
	"snakecache/pkg/proto"
)

func lolwutCommands() []actor.Command {
	return []actor.Command{{Name: "lolwut", Arity: -1, Flags: actor.ReadOnly | actor.Fast, Run: lolwutCommand, Group: "server", Since: "5.0.0",
		Complexity: "O(1)", Summary: "Displays computer art and the Redis version.", Syntax: "[VERSION version]"}}
}

// lolwutCommand draws the same for every version that is asked for. What stands behind the version is for drawings of
// Redis' that we do not have, and is read by nobody, as in Redis.
func lolwutCommand(c *actor.Call) error {
	o := c.Args.Options(1)
	if version, ok := o.WordWith("version"); ok {
		if _, err := integer(version); err != nil {
			return err
		}
	}
	now := uint64(c.Clock().Now().UnixNano())
	art := drawSnake(rand.New(rand.NewPCG(now, now)))
	c.Reply.Verbatim("txt", art+"\nA snake that has eaten a cache. Redis ver. "+proto.RedisVersion+"\n")
	return nil
}

// The size of the drawing in characters, and how many of them the snake is long.
const (
	artColumns = 48
	artRows    = 8
	snakeLen   = 72
)

// drawSnake lets a snake crawl from the left to the right: mostly ahead, at times up or down, and never back.
func drawSnake(random *rand.Rand) string {
	var grid [artRows][artColumns]byte
	for y := range grid {
		for x := range grid[y] {
			grid[y][x] = ' '
		}
	}
	x, y, turn := 0, random.IntN(artRows), 0
	for range snakeLen {
		if x == artColumns-1 {
			break
		}
		grid[y][x] = "o8"[random.IntN(2)]
		switch next := y + turn; {
		case turn != 0 && next >= 0 && next < artRows && random.IntN(4) > 0:
			y = next
		default:
			x, turn = x+1, random.IntN(3)-1
		}
	}
	grid[y][x] = '>'
	var art strings.Builder
	for _, row := range grid {
		art.WriteString(strings.TrimRight(string(row[:]), " ") + "\n")
	}
	return art.String()
}
