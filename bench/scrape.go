package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// metered is the program with a port for metrics, and where they are to be had.
func (p program) metered() (metered program, url string, err error) {
	port, err := freePort()
	if err != nil {
		return p, "", err
	}
	return p.with("SNAKE_CACHE_METRICS_BIND=127.0.0.1", "SNAKE_CACHE_METRICS_PORT="+strconv.Itoa(port)),
		fmt.Sprintf("http://127.0.0.1:%d/metrics", port), nil
}

// scrape returns the metrics, by their names with the labels as they are written.
func scrape(ctx context.Context, url string) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return parseMetrics(answer.Body)
}

// parseMetrics reads Prometheus' text format as far as it is needed here, without time stamps: labels may hold spaces.
func parseMetrics(text io.Reader) (map[string]float64, error) {
	metrics := map[string]float64{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		end := strings.LastIndexByte(lines.Text(), ' ')
		if end < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		name, value := lines.Text()[:end], lines.Text()[end+1:]
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("metric %s: %w", name, err)
		}
		metrics[name] = number
	}
	return metrics, lines.Err()
}

// pick returns the named metrics, all of which must be there.
func pick(metrics map[string]float64, names ...string) ([]float64, error) {
	var picked []float64
	for _, name := range names {
		value, there := metrics[name]
		if !there {
			return nil, fmt.Errorf("there is no metric %s", name)
		}
		picked = append(picked, value)
	}
	return picked, nil
}
