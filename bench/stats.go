package main

import (
	"fmt"
	"math"
	"slices"
)

// measure picks one figure of a run. As values they let one table of targets and one way of taking medians serve all.
type measure func(sample) float64

func rps(s sample) float64 { return s.rps }
func p50(s sample) float64 { return s.p50 }
func p99(s sample) float64 { return s.p99 }
func cpu(s sample) float64 { return s.cpu }

// clientBusy is the share of the run for which the client, which has one thread for the load, was on a processor; serverBusy is
// the server's, of whose threads several may be.
func clientBusy(s sample) float64 { return s.client * s.rps / 1e6 }
func serverBusy(s sample) float64 { return s.cpu * s.rps / 1e6 }

// ratio summarizes subject ÷ reference over the rounds of a cell. All three are NaN if a round has no ratio.
type ratio struct{ median, min, max float64 }

// ratio divides within each round, where both runs are neighbours, and only then takes the median.
func (c cell) ratio(m measure) ratio {
	quotients := make([]float64, len(c.rounds))
	for i, p := range c.rounds {
		quotients[i] = quotient(m(p.subject), m(p.reference))
	}
	return summary(quotients)
}

// comparison is one figure of both servers: the medians over the rounds, and the ratio within them.
type comparison struct {
	ours, theirs float64
	ratio        ratio
}

// compareRounds takes a figure from the rounds of both servers, of which there are equally many.
func compareRounds[S any](ours, theirs []S, figure func(S) float64) comparison {
	var a, b, quotients []float64
	for i := range ours {
		a, b = append(a, figure(ours[i])), append(b, figure(theirs[i]))
		quotients = append(quotients, quotient(a[i], b[i]))
	}
	return comparison{median(a), median(b), summary(quotients)}
}

// summary is the ratio over rounds with these quotients.
func summary(quotients []float64) ratio {
	if len(quotients) == 0 || slices.ContainsFunc(quotients, math.IsNaN) {
		return ratio{math.NaN(), math.NaN(), math.NaN()}
	}
	return ratio{median(quotients), slices.Min(quotients), slices.Max(quotients)}
}

// medians are the medians of a figure over the rounds, of the subject and of the reference.
func (c cell) medians(m measure) (subject, reference float64) {
	ours, theirs := make([]float64, len(c.rounds)), make([]float64, len(c.rounds))
	for i, p := range c.rounds {
		ours[i], theirs[i] = m(p.subject), m(p.reference)
	}
	return median(ours), median(theirs)
}

// quotient is NaN where either side is no usable figure: a run too short for the clock has CPU time 0 or rate inf.
func quotient(a, b float64) float64 {
	if !(a > 0 && b > 0) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return math.NaN()
	}
	return a / b
}

// median is the middle value, or the mean of the two middle ones; NaN of nothing. The values are not reordered.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func (r ratio) String() string {
	if math.IsNaN(r.median) {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", r.median, r.min, r.max)
}

// figure prints a value with so many digits behind the point, a missing one as a dash.
func figure(value float64, digits int) string {
	if math.IsNaN(value) {
		return "–"
	}
	return fmt.Sprintf("%.*f", digits, value)
}
