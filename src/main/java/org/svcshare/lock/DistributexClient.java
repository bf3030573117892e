package org.svcshare.lock;

import java.time.Duration;
import org.svcshare.lock.Asking.Result;
import org.svcshare.lock.Http.Request;

/// The three calls of distributex: plain text, a host's name instead of a token, no renewal.
/// Thread-safe.
public final class DistributexClient {
    /// A wait has no end of its own; the connection is watched for a server that went away.
    private static final Duration WAIT = Duration.ofDays(3650);

    private final Asking asking;
    private final Duration patience;

    /// What a call came to.
    public enum Said {
        YES,
        INVALID,
        UNREACHABLE,
        STOPPED
    }

    public DistributexClient(Access access) {
        this.asking = new Asking(access);
        this.patience = access.patience();
    }

    /// Waits until the host has a slot of the pool.
    public Said await(String host, String pool, Stop stop) {
        return said(asking.ask(request("/wait/", host, pool), WAIT, patience, stop), "YES");
    }

    /// Gives the host's slot back, or its place in line.
    public Said release(String host, String pool, Duration limit) {
        return said(asking.ask(request("/release/", host, pool), limit, limit, new Stop()), "OK");
    }

    private static Request request(String path, String host, String pool) {
        String query = "?host=" + LockClient.encode(host) + "&pool=" + LockClient.encode(pool);
        return new Request("GET", path + query, "", "");
    }

    private static Said said(Result result, String good) {
        return switch (result) {
            case Result.Answered(Reply reply, _, _, _, _) ->
                    reply.status() == 200 && reply.body().strip().equals(good)
                            ? Said.YES
                            : Said.INVALID;
            case Result.Silence _ -> Said.UNREACHABLE;
            case Result.Stopped _ -> Said.STOPPED;
        };
    }
}
