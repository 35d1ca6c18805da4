// Command etcd is the real server, built from its published modules: the reference that the conformance cases
// are compared with. Build it, and the client, with `go build -o bin/ ./...`.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
