/** What the race measures, in this order, and what Synod aims at. */

export const KEYS = 1000;
export const VALUE_SIZE = 100;

/** `aim`: what the median of the ratios of a field, Synod's by etcd's, shall be. */
export const MEASUREMENTS = {
  puts1: { what: "puts, 1 connection", operation: "put", connections: 1, aims: { rate: 1.4 } },
  puts64: { what: "puts, 64 connections", operation: "put", connections: 64, aims: { rate: 3, p99: 0.35 } },
  puts256: { what: "puts, 256 connections", operation: "put", connections: 256, aims: { rate: 3 } },
  reads1: { what: "linearizable reads, 1 connection", operation: "get", connections: 1, aims: { rate: 2 } },
  reads64: { what: "linearizable reads, 64 connections", operation: "get", connections: 64, aims: { rate: 4 } },
  client256: { what: "puts, 256 callers of @synod/client", callers: 256 },
  failover: { what: "first write after kill -9 of the leader", aims: { ms: 0.25 } },
};
