package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"snakecache/pkg/config"
	"snakecache/pkg/proto"
)

// pingTimeout is for how long a server may take to be well. Tests have more patience.
var pingTimeout = 3 * time.Second

const longestReply = 4 << 10 // bytes; an error is shorter

// ping asks a server whether it serves: by default the one that the same environment would start, with its password.
func (w world) ping(args []string) error {
	v, _, err := config.Load(w.environ)
	if err != nil {
		return usageError{err}
	}
	flags := flag.NewFlagSet("ping", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	host := flags.String("host", reachable(v.Bind), "")
	port := flags.Int("port", int(v.Port), "")
	if err := flags.Parse(args); err != nil {
		return usageError{fmt.Errorf("ping: %w", err)}
	}
	if flags.NArg() > 0 {
		return usageError{fmt.Errorf("ping: there is no argument %q", flags.Arg(0))}
	}
	address := net.JoinHostPort(*host, strconv.Itoa(*port))
	if err := pingServer(address, string(v.RequirePass)); err != nil {
		return fmt.Errorf("ping %s: %w", address, err)
	}
	fmt.Fprintln(w.stdout, "PONG")
	return nil
}

// reachable returns an address of this machine at which a server with these addresses listens.
func reachable(bind config.Addresses) string {
	if len(bind) == 0 {
		return "127.0.0.1"
	}
	switch host, _ := bind[0].Host(); host {
	case "0.0.0.0":
		return "127.0.0.1"
	case "::":
		return "::1"
	default:
		return host
	}
}

// pingServer sends PING, and AUTH before it if there is a password. A server that does not want the password but
// answers the PING is well.
func pingServer(address, password string) error {
	conn, err := net.DialTimeout("tcp", address, pingTimeout)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(pingTimeout))

	var request []byte
	replies := 1
	if password != "" {
		request, replies = proto.AppendCommand(request, "AUTH", password), 2
	}
	if _, err := conn.Write(proto.AppendCommand(request, "PING")); err != nil {
		return err
	}
	var reply proto.Value
	for reader := proto.NewValueReader(conn, longestReply); replies > 0; replies-- {
		if reply, err = reader.Read(); err != nil {
			return fmt.Errorf("no reply: %w", err)
		}
	}
	if reply.Text != "PONG" {
		return fmt.Errorf("the server answers %s", reply)
	}
	return nil
}
