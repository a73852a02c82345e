package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"snakecache/pkg/proto"
)

// The linker sets these where the program is built for release: -ldflags "-X main.version=… -X main.commit=…".
var (
	version = "0.1.0-dev"
	commit  = ""
)

// builtFrom returns the commit that the program was built from, or "unknown".
func builtFrom() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}

func versionText() string {
	return fmt.Sprintf("snakecached %s (commit %s, %s, speaks Redis %s)",
		version, builtFrom(), runtime.Version(), proto.RedisVersion)
}
