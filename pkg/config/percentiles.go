package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

var (
	//lint:ignore ST1005 Redis' text begins with a capital
	errPercentiles    = errors.New("Invalid latency-tracking-info-percentiles parameters")
	errPercentileSpan = errors.New("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
)

// Percentiles are percentages, in the order in which they are to be shown.
type Percentiles []float64

// UnmarshalText takes numbers with one space between each two.
func (p *Percentiles) UnmarshalText(text []byte) error {
	var all Percentiles
	if len(text) > 0 {
		for _, word := range strings.Split(string(text), " ") {
			f, err := strconv.ParseFloat(word, 64)
			switch {
			case err != nil || math.IsNaN(f):
				return errPercentiles
			case f < 0 || f > 100:
				return errPercentileSpan
			}
			all = append(all, f)
		}
	}
	*p = all
	return nil
}

// String has up to six digits behind the point, as Redis has.
func (p Percentiles) String() string {
	words := make([]string, len(p))
	for i, f := range p {
		words[i] = strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 6, 64), "0"), ".")
	}
	return strings.Join(words, " ")
}

func (Percentiles) expects() string { return "percentages from 0 to 100 with a space between each two" }
