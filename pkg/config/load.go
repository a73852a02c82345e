package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Load reads the settings from environ, a list as os.Environ returns it. Of
// the machine it reads nothing else but the file that REQUIREPASS_FILE names.
// A variable that is empty counts as not set.
//
// The warnings are for the log: variables that begin with Prefix and were not
// used. The error has one line for each bad variable, with its value unless
// that may be secret.
func Load(environ []string) (v *Values, warnings []string, err error) {
	given, warnings := sift(env.ToMap(environ))
	v = new(Values)
	failed := parse(v, given)
	var bad []error
	for _, r := range table {
		if r.env == "" {
			continue
		}
		err := failed[r.name]
		if err == nil {
			err = r.check(v)
		}
		if err != nil {
			bad = append(bad, r.complaint(given[r.env], err))
		}
	}
	if len(bad) == 0 {
		bad = append(bad, v.adoptPassFile(given))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, warnings, err
	}
	return v, warnings, nil
}

// IsSet reports whether environ gives a setting a value; name is the variable's without Prefix.
func IsSet(environ []string, name string) bool {
	given, _ := sift(env.ToMap(environ))
	return given[Prefix+name] != ""
}

// parse fills v and returns what went wrong, by the field's name.
func parse(v *Values, given map[string]string) map[string]error {
	err := env.ParseWithOptions(v, env.Options{Environment: given, Prefix: Prefix})
	failed := make(map[string]error)
	all, _ := errors.AsType[env.AggregateError](err)
	for _, err := range all.Errors {
		switch err := err.(type) {
		case env.ParseError:
			failed[err.Name] = err.Err
		case env.LoadFileContentError:
			i := slices.IndexFunc(table, func(r *row) bool { return r.env == err.Key })
			failed[table[i].name] = unreadable(err.Err)
		default: // the tags of Values are wrong, whatever the environment
			panic(err)
		}
	}
	return failed
}

// unreadable leaves out the file's name: whoever put the password itself into
// REQUIREPASS_FILE should not find it in the log.
func unreadable(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("cannot read the file: %w", err)
}

// complaint is the one line about a bad value of the row's variable.
func (r *row) complaint(value string, err error) error {
	if r.secret() {
		return fmt.Errorf("%s: %w", r.env, err)
	}
	return fmt.Errorf("%s=%q must be %s", r.env, value, r.expects())
}

// adoptPassFile makes the content of the password file the password. An empty
// file is an error, because it would leave the server open.
func (v *Values) adoptPassFile(given map[string]string) error {
	const password, file = Prefix + "REQUIREPASS", Prefix + "REQUIREPASS_FILE"
	if given[file] == "" {
		return nil
	}
	if given[password] != "" {
		return fmt.Errorf("%s and %s are both set: use one", password, file)
	}
	v.RequirePass, v.RequirePassFile = Secret(strings.TrimRight(string(v.RequirePassFile), "\r\n")), ""
	if v.RequirePass == "" {
		return fmt.Errorf("%s: the file has no password in it", file)
	}
	return nil
}

// Kubernetes gives every pod variables about the Services of its namespace, and
// those about a Service snake-cache, or snake-cache-anything, begin with our
// Prefix. One of them is SNAKE_CACHE_PORT=tcp://…, another might be
// SNAKE_CACHE_METRICS_PORT.
var (
	serviceName = regexp.MustCompile(`^([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
	serviceURL  = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// sift returns the variables that are settings, and a warning for each of the
// others that its author may have meant as one.
func sift(environ map[string]string) (given map[string]string, warnings []string) {
	given = make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		suffix, ours := strings.CutPrefix(name, Prefix)
		if !ours {
			continue
		}
		injected := strings.HasSuffix(suffix, "PORT") && serviceURL.MatchString(environ[name])
		known := slices.ContainsFunc(table, func(r *row) bool { return r.env == name })
		switch {
		case known && injected:
			warnings = append(warnings, fmt.Sprintf("%s=%s comes from a Kubernetes Service and is ignored", name, environ[name]))
		case known:
			given[name] = environ[name]
		case !injected && !serviceName.MatchString(suffix):
			warnings = append(warnings, unknown(name, suffix))
		}
	}
	return given, warnings
}

// unknown never shows the value, which may be a misspelt password.
func unknown(name, suffix string) string {
	if r := lookup(strings.ReplaceAll(suffix, "_", "-")); r != nil && r.env != "" {
		return fmt.Sprintf("%s is not a setting and is ignored; the name is %s", name, r.env)
	}
	return fmt.Sprintf("%s is not a setting and is ignored", name)
}
