package org.svcshare.ircd;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Casemapping;

/// Who and what is there: connections, nicks, channels, and who watches which nick. Owned by the
/// core's thread.
final class World {
    /// Somebody who used to have a nick.
    record Past(String nick, String user, String host, String realName, Instant until) {}

    final Casemapping casemapping = Casemapping.RFC1459;
    private final Map<Long, Client> clients = new LinkedHashMap<>();
    private final Map<String, Client> nicks = new LinkedHashMap<>();
    private final Map<String, Channel> channels = new LinkedHashMap<>();
    private final Map<String, Set<Client>> watchers = new LinkedHashMap<>();
    private final Deque<Past> pasts = new ArrayDeque<>();
    private int mostClients;

    void add(Client client) {
        clients.put(client.id, client);
        mostClients = Math.max(mostClients, clients.size());
    }

    @Nullable Client client(long id) {
        return clients.get(id);
    }

    Collection<Client> clients() {
        return Collections.unmodifiableCollection(clients.values());
    }

    int mostClients() {
        return mostClients;
    }

    /// Who has the nick, registered or about to be.
    @Nullable Client holder(String nick) {
        return nicks.get(casemapping.fold(nick));
    }

    /// The registered client of that nick.
    @Nullable Client person(String nick) {
        Client holder = holder(nick);
        return holder != null && holder.registered ? holder : null;
    }

    void rename(Client client, String nick, Instant now) {
        if (!client.nick.isEmpty()) {
            nicks.remove(casemapping.fold(client.nick), client);
            remember(client, now);
        }
        client.nick = nick;
        nicks.put(casemapping.fold(nick), client);
    }

    /// Forgets a client and the channels that it leaves empty.
    void remove(Client client, Instant now) {
        remember(client, now);
        clients.remove(client.id);
        nicks.remove(casemapping.fold(client.nick), client);
        for (Channel channel : List.copyOf(client.channels)) {
            leave(client, channel);
        }
        for (String watched : client.monitored.keySet()) {
            unwatch(client, watched);
        }
        client.gone = true;
    }

    @Nullable Channel channel(String name) {
        return channels.get(casemapping.fold(name));
    }

    Collection<Channel> channels() {
        return Collections.unmodifiableCollection(channels.values());
    }

    Channel create(String name, Instant now) {
        var channel = new Channel(name, casemapping, now);
        channels.put(casemapping.fold(name), channel);
        return channel;
    }

    Channel.Member enter(Client client, Channel channel) {
        client.channels.add(channel);
        return channel.add(client);
    }

    void leave(Client client, Channel channel) {
        channel.remove(client);
        client.channels.remove(channel);
        if (channel.size() == 0) {
            channels.remove(casemapping.fold(channel.name), channel);
        }
    }

    /// Everybody who shares a channel with the client, without itself.
    Set<Client> peers(Client client) {
        var peers = new LinkedHashSet<Client>();
        for (Channel channel : client.channels) {
            peers.addAll(channel.clients());
        }
        peers.remove(client);
        return peers;
    }

    boolean sharesChannel(Client one, Client other) {
        for (Channel channel : one.channels) {
            if (channel.hasMember(other)) {
                return true;
            }
        }
        return false;
    }

    void watch(Client watcher, String folded, String written) {
        watcher.monitored.put(folded, written);
        watchers.computeIfAbsent(folded, _ -> new LinkedHashSet<>()).add(watcher);
    }

    /// Ends the watching at the nick's side; the caller takes it out of the client's own list.
    void unwatch(Client watcher, String folded) {
        Set<Client> watching = watchers.get(folded);
        if (watching != null) {
            watching.remove(watcher);
            if (watching.isEmpty()) {
                watchers.remove(folded);
            }
        }
    }

    Collection<Client> watchers(String nick) {
        return List.copyOf(watchers.getOrDefault(casemapping.fold(nick), Set.of()));
    }

    /// Latest first.
    List<Past> pasts(String nick) {
        var found = new ArrayList<Past>();
        for (Past past : pasts) {
            if (casemapping.same(past.nick(), nick)) {
                found.add(past);
            }
        }
        return found;
    }

    private void remember(Client client, Instant now) {
        if (client.registered) {
            pasts.addFirst(new Past(client.nick, client.user, client.host, client.realName, now));
            if (pasts.size() > Limits.WHOWAS) {
                pasts.removeLast();
            }
        }
    }
}
