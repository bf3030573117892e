package org.svcshare.config;

/// How bots find each other and vote, and where people talk to them.
public enum ChannelKind {
    /// All of it on an IRC channel.
    IRC,
    /// Bots vote among the members of the gossip group; there is no IRC.
    GOSSIP,
    /// Bots vote among the members of the gossip group, people command them on an IRC channel.
    BOTH;

    /// Whether the bot is on IRC at all.
    public boolean onIrc() {
        return this != GOSSIP;
    }

    /// Whether bots vote among the members of the gossip group.
    public boolean onGossip() {
        return this != IRC;
    }
}
