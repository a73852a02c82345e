// Package commands is the vocabulary: one row and one function for every command, one file for every group.
//
// To add a command, write its row in the family's table, its function below, and a few lines of transcript in
// testdata. Everything else (COMMAND, the gate, metrics, key extraction) follows from the row.
package commands

import "snakecache/pkg/actor"

// Families returns the rows of all commands, a slice for each file. It is a function and not a variable because
// COMMAND reads the table that is made of it, which would be an initialization cycle.
func Families() [][]actor.Command {
	return [][]actor.Command{
		connectionCommands(),
		clientCommands(),
		transactionCommands(),
		serverCommands(),
		monitorCommands(),
		slowlogCommands(),
		latencyCommands(),
		debugCommands(),
		aclCommands(),
		clusterCommands(),
		replicationCommands(),
		persistenceCommands(),
		moduleCommands(),
		shutdownCommands(),
		lolwutCommands(),
		stringCommands(),
		keysCommands(),
		scanCommands(),
		objectCommands(),
		memoryCommands(),
		expireCommands(),
		bitmapCommands(),
		hyperloglogCommands(),
		copyCommands(),
		dumpCommands(),
		sortCommands(),
		listCommands(),
		listBlockCommands(),
		setCommands(),
		setAlgebraCommands(),
		multiPopCommands(),
		zsetCommands(),
		zsetBlockCommands(),
		zsetRangeCommands(),
		zsetStoreCommands(),
		geoCommands(),
		geoSearchCommands(),
		hashCommands(),
		hashExpireCommands(),
		streamCommands(),
		streamReadCommands(),
		streamGroupCommands(),
		streamPendingCommands(),
		streamClaimCommands(),
		streamInfoCommands(),
		waitCommands(),
		scriptCommands(),
		functionCommands(),
		pubsubCommands(),
	}
}

// Table returns the table of all commands. It fails only if a row contradicts itself or another.
func Table() (*actor.Table, error) { return actor.NewTable(Families()...) }
