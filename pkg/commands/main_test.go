package commands_test

import (
	"testing"

	"snakecache/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
