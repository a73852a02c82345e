package commands

import (
	"fmt"
	"strconv"
	"strings"
)

// latencystats shows percentiles of how long the calls of each command took, if that is counted.
func (r *infoReport) latencystats() {
	if !r.call.Bounds().LatencyTracking {
		return
	}
	percentiles := strings.Fields(r.setting("latency-tracking-info-percentiles"))
	for _, cmd := range r.call.Table().Commands() {
		h := r.call.CommandLatency(cmd)
		if h == nil {
			continue
		}
		values := make([]string, len(percentiles))
		for i, text := range percentiles {
			percentile, _ := strconv.ParseFloat(text, 64) // it was checked when it was set
			values[i] = fmt.Sprintf("p%s=%.3f", text, float64(h.Percentile(percentile))/1e3)
		}
		r.fields("latency_percentiles_usec_"+cmd.FullName(), strings.Join(values, ","))
	}
}
