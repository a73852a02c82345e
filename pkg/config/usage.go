package config

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
)

// Usage writes one line for each variable of the environment, for --help.
func Usage(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "VARIABLE\tDEFAULT\tCONFIG NAME\tCONFIG SET\tMEANING")
	for _, r := range table {
		if r.env != "" {
			fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\n",
				r.env, cmp.Or(r.initial, "-"), cmp.Or(r.param, "-"), Bool(r.mutable), r.help)
		}
	}
	return columns.Flush()
}

// Markdown writes what Usage does as the table of the README.
func Markdown(w io.Writer) error {
	if _, err := fmt.Fprint(w, "| Variable | Default | CONFIG name | CONFIG SET | Meaning |\n|---|---|---|---|---|\n"); err != nil {
		return err
	}
	for _, r := range table {
		if r.env == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n",
			r.env, code(r.initial), code(r.param), Bool(r.mutable), r.help); err != nil {
			return err
		}
	}
	return nil
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
