package commands_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"snakecache/pkg/proto"
)

// A transcript is a text file in testdata that says what Redis answers:
//
//	# comment
//	> SET k "v\r\n" EX 10     a request of client A, split into words as the inline protocol does
//	B> GET k                  a request of client B; a letter's first request connects it
//	+OK                       the reply as proto.Value.String renders it
//	2| $-1                    a line of the reply in RESP2 only
//	3| _                      and in RESP3 only
//	@nothing                  no reply comes, or not yet; written by hand for a request, recorded for @receive
//	@receive B                what has come to client B, or A, beside the first reply to each of its requests: replies
//	                          that came later, pushes, the end of the connection; its lines follow as a reply's do
//	@closed                   the server closes the connection; the letter's next request makes a new one
//	@advance 1500ms           time passes
//	@match                    the lines of the reply are regular expressions; before or behind the request
//	@unordered                aggregates are compared, and recorded, with their values sorted; before the request
//	@differs 7.4: reason      the reply is not what Redis 7.0.15 gives and is not recorded; before the request
//
// Each file is replayed from an empty server once in RESP2 and once in RESP3. To fill in the replies:
//
//	go test ./pkg/commands -run Transcripts -record 127.0.0.1:PORT
//
// Whatever comes must be received before the client's next request. A recording waits a moment for it, and for @nothing, and
// for a time-out that is due now, about which Redis may be 100 ms late: what is still to wait should wait for much longer.
//
// A transcript that changes settings must set them back: a recording empties the real server, but does not
// restart it.
var record = flag.String("record", "", "host:port of a Redis whose replies are written into the transcripts")

// transcript is one file: every line is kept, so that recording changes nothing but replies.
type transcript struct {
	path  string
	steps []*step
}

// step is a request with its reply, or @receive with what came, or the lines between two of them, or time that passes.
type step struct {
	line      int // of the first of above, in the file from 1
	above     []string
	request   string // as written, or @receive; empty if there is none
	client    byte
	words     [][]byte // nil for @receive
	advance   time.Duration
	reply     []string // as written, with 2| and 3|
	match     bool
	matchLine bool // @match stands behind the request
	unordered bool
	differs   bool
}

var (
	dialects      = []int{proto.RESP2, proto.RESP3}
	requestSyntax = regexp.MustCompile(`^([A-Z]?)> (.*)$`)
	receiveSyntax = regexp.MustCompile(`^@receive(?: ([A-Z]))?$`)
	replySyntax   = regexp.MustCompile(`^(?:[23]\|.*| *[-+:$*%~>|_#,(=!\\.\[].*|(?:[23]\| )?@closed|(?:[23]\| )?@nothing)$`)
)

func readTranscript(path string) (*transcript, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := parser{transcript: &transcript{path: path}, next: &step{line: 1}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		p.line++
		if err := p.parse(lines.Text()); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, p.line, err)
		}
	}
	p.transcript.steps = append(p.transcript.steps, p.next)
	return p.transcript, lines.Err()
}

// parser collects the lines above the next request in next.
type parser struct {
	*transcript
	line int
	next *step
	last *step // the request whose reply is being read
}

func (p *parser) parse(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || line[0] == '#':
		p.last = nil
	case requestSyntax.MatchString(line):
		return p.parseRequest(line)
	case receiveSyntax.MatchString(line):
		return p.parseReceive(line)
	case replySyntax.MatchString(line):
		return p.parseReply(line)
	case word == "@advance":
		return p.parseAdvance(line, rest)
	case word == "@match":
		p.next.match = true
	case word == "@unordered":
		p.next.unordered = true
	case word == "@differs":
		if version, reason, ok := strings.Cut(rest, ":"); !ok || version == "" || strings.TrimSpace(reason) == "" {
			return fmt.Errorf("@differs needs a version and a reason: @differs 7.4: why")
		}
		p.next.differs = true
	default:
		return fmt.Errorf("no line of a transcript: %q", line)
	}
	p.next.above = append(p.next.above, line)
	return nil
}

func (p *parser) parseRequest(line string) error {
	found := requestSyntax.FindStringSubmatch(line)
	words, ok := proto.SplitWords([]byte(found[2]))
	if !ok || len(words) == 0 {
		return fmt.Errorf("no request: %q", line)
	}
	p.next.words = words
	p.expect(line, found[1])
	return nil
}

func (p *parser) parseReceive(line string) error {
	p.expect(line, receiveSyntax.FindStringSubmatch(line)[1])
	return nil
}

// expect ends the step of a client with its line, behind which stand those of the reply.
func (p *parser) expect(line, client string) {
	s := p.next
	s.request, s.client = line, 'A'
	if client != "" {
		s.client = client[0]
	}
	p.finish()
	p.last = s
}

// parseReply takes a line of the last request's reply. A @match directly above it is that request's.
func (p *parser) parseReply(line string) error {
	if p.last == nil {
		return fmt.Errorf("a reply without a request: %q", line)
	}
	if p.next.match && slices.Equal(p.next.above, []string{"@match"}) {
		p.last.match, p.last.matchLine = true, true
		p.next = &step{line: p.line}
	}
	if len(p.next.above) > 0 {
		return fmt.Errorf("a reply away from its request: %q", line)
	}
	p.last.reply = append(p.last.reply, line)
	p.next.line = p.line + 1
	return nil
}

func (p *parser) parseAdvance(line, rest string) (err error) {
	p.next.advance, err = time.ParseDuration(rest)
	p.next.above = append(p.next.above, line)
	p.finish()
	return err
}

func (p *parser) finish() {
	p.transcript.steps = append(p.transcript.steps, p.next)
	p.last, p.next = nil, &step{line: p.line + 1}
}

// requestLine is where the request stands in the file.
func (s *step) requestLine() int { return s.line + len(s.above) }

// wanted returns the reply's lines in one dialect.
func (s *step) wanted(dialect int) []string {
	var lines []string
	for _, line := range s.reply {
		if len(line) < 2 || line[1] != '|' {
			lines = append(lines, line)
		} else if int(line[0]-'0') == dialect {
			lines = append(lines, strings.TrimPrefix(line[2:], " "))
		}
	}
	return lines
}

// fits reports whether the lines of a reply are what the step wants.
func (s *step) fits(dialect int, got []string) bool {
	wanted := s.wanted(dialect)
	if !s.match {
		return slices.Equal(wanted, got)
	}
	return slices.EqualFunc(wanted, got, func(pattern, line string) bool {
		matched, err := regexp.MatchString("^(?:"+pattern+")$", line)
		return err == nil && matched
	})
}

// mismatch tells a reader of test output all there is to know.
func (s *step) mismatch(t *transcript, dialect int, got []string) string {
	indent := func(lines []string) string { return "    " + strings.Join(lines, "\n    ") }
	return fmt.Sprintf("%s:%d (RESP%d)\n%s\n  wanted\n%s\n  got\n%s",
		t.path, s.requestLine(), dialect, s.request, indent(s.wanted(dialect)), indent(got))
}

// render writes what came back as the step wants it: values, if there are any, and the end.
func (s *step) render(values []proto.Value, closed bool) (lines []string) {
	for _, value := range values {
		if s.unordered {
			sortElems(&value)
		}
		lines = append(lines, strings.Split(value.String(), "\n")...)
	}
	switch {
	case closed:
		lines = append(lines, "@closed")
	case len(values) == 0:
		lines = append(lines, "@nothing")
	}
	return lines
}

// wants reports whether the reply, as it is written, has such a line.
func (s *step) wants(line string) bool {
	return slices.ContainsFunc(s.reply, func(written string) bool { return strings.HasSuffix(written, line) })
}

// waits reports whether something comes that is no reply to a request, or no reply comes at once.
func (s *step) waits() bool {
	return strings.HasPrefix(s.request, "@receive") || s.wants("@nothing")
}

// sortElems orders the values of all aggregates by what they look like; a map's pairs stay together.
func sortElems(v *proto.Value) {
	for i := range v.Elems {
		sortElems(&v.Elems[i])
	}
	if v.Type != '%' {
		slices.SortFunc(v.Elems, compareValues)
		return
	}
	pairs := slices.Collect(slices.Chunk(v.Elems, 2))
	slices.SortFunc(pairs, func(x, y []proto.Value) int { return compareValues(x[0], y[0]) })
	v.Elems = slices.Concat(pairs...)
}

func compareValues(x, y proto.Value) int { return strings.Compare(x.String(), y.String()) }

func transcripts(t *testing.T) (all []*transcript) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, path := range paths {
		read, err := readTranscript(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read)
	}
	return all
}

func TestTranscripts(t *testing.T) {
	for _, script := range transcripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(script.path), ".txt"), func(t *testing.T) {
			if *record != "" {
				recordTranscript(t, script, *record)
			}
			for _, dialect := range dialects {
				t.Run(fmt.Sprintf("RESP%d", dialect), func(t *testing.T) { replay(t, script, dialect) })
			}
		})
	}
}
