package org.svcshare.irc;

import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.Permissions;

/// What the server tells about the people in the channel and about ourselves: ranks, accounts,
/// hosts, bots; and about the channel's modes as far as they matter.
///
/// Owned by the channel's loop.
final class People {
    private final Isupport isupport;
    private final Roster roster;
    private final Predicate<String> ours;
    private final Supplier<String> ownNick;
    private final BooleanSupplier tagsAccounts;
    private String ownMask = "";
    private boolean filtersCtcp;

    /// @param ours whether a name is that of our channel
    /// @param tagsAccounts whether messages carry their sender's account
    People(
            Isupport isupport,
            Roster roster,
            Predicate<String> ours,
            Supplier<String> ownNick,
            BooleanSupplier tagsAccounts,
            Handlers handlers) {
        this.isupport = isupport;
        this.roster = roster;
        this.ours = ours;
        this.ownNick = ownNick;
        this.tagsAccounts = tagsAccounts;
        handlers.on(this::onNames, "353");
        handlers.on(this::onMode, "MODE");
        handlers.on(this::onChannelModes, "324");
        handlers.on(this::onAccount, "ACCOUNT");
        handlers.on(this::onHostChange, "CHGHOST");
        handlers.on(this::onWho, "352");
        handlers.on(this::onWhox, "354");
    }

    /// `nick!user@host` as others see it; the longest it may be while we do not know.
    String ownMask() {
        return ownMask.isEmpty()
                ? ownNick.get() + "!~" + "u".repeat(10) + "@" + "h".repeat(63)
                : ownMask;
    }

    void renamedOurselves(String to) {
        if (!ownMask.isEmpty()) {
            ownMask = to + ownMask.substring(Math.max(0, ownMask.indexOf('!')));
        }
    }

    /// Whether requests of CTCP do not get through the channel.
    boolean filtersCtcp() {
        return filtersCtcp;
    }

    void filtersCtcp(boolean filters) {
        filtersCtcp = filters;
    }

    private void onNames(IrcLine line) {
        if (!ours.test(line.param(2))) {
            return;
        }
        String signs = isupport.rankSigns();
        for (String name : line.param(3).split(" +", -1)) {
            int i = 0;
            while (i < name.length() && signs.indexOf(name.charAt(i)) >= 0) {
                i++;
            }
            String mask = name.substring(i);
            int bang = mask.indexOf('!');
            String nick = bang < 0 ? mask : mask.substring(0, bang);
            if (nick.isEmpty()) {
                continue;
            }
            Roster.Member member = roster.add(nick);
            for (int rank = 0; rank < i; rank++) {
                member.ranks.add(name.charAt(rank));
            }
            int at = mask.lastIndexOf('@');
            if (bang >= 0 && at > bang) {
                member.user = mask.substring(bang + 1, at);
                member.host = mask.substring(at + 1);
            }
        }
    }

    private void onMode(IrcLine line) {
        if (!ours.test(line.param(0)) || line.params().size() < 2) {
            return;
        }
        boolean set = true;
        int argument = 2;
        for (char mode : line.param(1).toCharArray()) {
            if (mode == '+' || mode == '-') {
                set = mode == '+';
                continue;
            }
            String value = isupport.takesArgument(mode, set) ? line.param(argument++) : "";
            int rank = isupport.rankModes().indexOf(mode);
            Roster.Member member = rank < 0 ? null : roster.get(value);
            if (member != null) {
                char sign = isupport.rankSigns().charAt(rank);
                if (set) {
                    member.ranks.add(sign);
                } else {
                    member.ranks.remove(sign);
                }
            } else if (mode == 'C') {
                filtersCtcp = set;
            }
        }
    }

    private void onChannelModes(IrcLine line) {
        if (ours.test(line.param(1)) && line.param(2).indexOf('C') >= 0) {
            filtersCtcp = true;
        }
    }

    private void onAccount(IrcLine line) {
        Roster.Member member = roster.get(line.nick());
        if (member != null) {
            member.account = line.param(0).equals("*") ? "" : line.param(0);
        }
    }

    private void onHostChange(IrcLine line) {
        Roster.Member member = roster.get(line.nick());
        if (member != null) {
            member.user = line.param(0);
            member.host = line.param(1);
        }
        if (isupport.casemapping().same(line.nick(), ownNick.get())) {
            ownMask = ownNick.get() + "!" + line.param(0) + "@" + line.param(1);
        }
    }

    /// `<us> <channel> <user> <host> <server> <nick> <flags> …`
    private void onWho(IrcLine line) {
        learnWho(line.param(5), line.param(2), line.param(3), line.param(6), null);
    }

    /// The fields of `%tcuhnfa` in the order of WHOX: token, channel, user, host, nick, flags,
    /// account.
    private void onWhox(IrcLine line) {
        if (line.param(1).equals("152")) {
            learnWho(line.param(5), line.param(3), line.param(4), line.param(6), line.param(7));
        }
    }

    private void learnWho(
            String nick, String user, String host, String flags, @Nullable String account) {
        Roster.Member member = roster.get(nick);
        if (member == null) {
            return;
        }
        member.user = user;
        member.host = host;
        String bot = isupport.botMode();
        member.bot = !bot.isEmpty() && flags.contains(bot);
        if (account != null) {
            member.account = account.equals("0") ? "" : account;
        }
        if (isupport.casemapping().same(nick, ownNick.get())) {
            ownMask = ownNick.get() + "!" + user + "@" + host;
        }
    }

    void learn(Roster.Member member, IrcLine line) {
        if (!line.host().isEmpty()) {
            member.user = line.user();
            member.host = line.host();
        }
    }

    void learnOwnMask(IrcLine line) {
        if (!line.host().isEmpty()) {
            ownMask = line.nick() + "!" + line.user() + "@" + line.host();
        }
    }

    /// What is known about somebody who spoke, for permissions.
    Permissions.Person person(IrcLine line) {
        Roster.Member member = roster.get(line.nick());
        String account = line.tags().get("account");
        if (account == null && !tagsAccounts.getAsBoolean() && member != null) {
            account = member.account;
        }
        Set<Character> ranks = member == null ? Set.of() : member.ranks;
        String signs = isupport.rankSigns();
        int op = Math.max(0, signs.indexOf('@'));
        int voice = signs.indexOf('+');
        boolean isOp = false;
        boolean isVoice = false;
        for (char sign : ranks) {
            int rank = signs.indexOf(sign);
            isOp |= rank >= 0 && rank <= op;
            isVoice |= rank >= 0 && (voice < 0 ? rank <= op : rank <= voice);
        }
        return new Permissions.Person(
                line.nick(),
                line.nick() + "!" + line.user() + "@" + line.host(),
                account == null || account.isEmpty() ? null : account.toLowerCase(Locale.ROOT),
                isVoice,
                isOp);
    }
}
