package org.svcshare.gate;

/// Which way bytes go: up to the service, down to the client.
enum Direction {
    UP,
    DOWN
}
