package commands

import (
	"slices"
	"strings"

	"snakecache/pkg/proto"
)

// What of commands must not be shown in the slow log, or to whoever watches what others send. It is looked for in
// requests that are refused too: a password is one also where the request has a fault.

// authSecrets are all arguments: a password in place of the user's name is a password.
func authSecrets(args proto.Args) (secrets []int) {
	for i := 1; i < len(args); i++ {
		secrets = append(secrets, i)
	}
	return secrets
}

// helloSecrets are the two words behind AUTH.
func helloSecrets(args proto.Args) (secrets []int) {
	for i := 1; i < len(args); i++ {
		if proto.EqualFold(args[i], "auth") {
			secrets = append(secrets, i+1, i+2)
		}
	}
	return secrets
}

// secretSettings are the parameters of CONFIG that Redis takes for sensitive, also those that are unknown here.
var secretSettings = []string{"requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass"}

// configSetSecrets are the values of secret settings.
func configSetSecrets(args proto.Args) (secrets []int) {
	for i := 2; i < len(args); i += 2 {
		if slices.Contains(secretSettings, strings.ToLower(string(args[i]))) {
			secrets = append(secrets, i+1)
		}
	}
	return secrets
}
