package org.svcshare.ircd;

import java.util.List;

/// The end of a connection, told to everybody whom it concerns.
final class Departures {
    private final World world;
    private final Outbox out;
    private final Presence presence;
    private final IrcdListener listener;

    Departures(World world, Outbox out, Presence presence, IrcdListener listener) {
        this.world = world;
        this.out = out;
        this.presence = presence;
        this.listener = listener;
    }

    /// Sends ERROR, closes the connection and forgets the client.
    void dismiss(Client client, String reason) {
        out.close(client, reason);
        forget(client, reason);
    }

    /// Forgets a client whose connection is already gone.
    void forget(Client client, String reason) {
        if (client.gone) {
            return;
        }
        if (client.registered) {
            out.send(world.peers(client), Message.saying(client, "QUIT", reason));
            for (Channel channel : List.copyOf(client.channels)) {
                listener.left(Wire.toText(channel.name), client.nick, Wire.toText(reason));
            }
            presence.wentOffline(client);
        }
        world.remove(client, out.now());
    }
}
