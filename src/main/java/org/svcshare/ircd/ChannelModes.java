package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// MODE on a channel.
///
/// `C` no CTCP but actions, `i` only who was invited, `m` only operators and voices speak, `n` no
/// messages from outside, `s` hidden from strangers, `t` only operators set the topic; `k` key, `l`
/// most members; `o` and `v` for members; the lists `b` bans, `e` exceptions to them, `I` standing
/// invitations. Source: RFC 2811 section 4.
final class ChannelModes {
    static final String LETTERS = "CIbeiklmnostv";
    static final String LETTERS_WITH_PARAM = "Ibeklov";

    /// For ISUPPORT: lists, always with parameter, with parameter when set, without.
    static final String GROUPS = "Ibe,k,l,Cimnst";

    private static final String FLAGS = "Cimnst";
    private static final String LISTS = "Ibe";

    /// Parameters of one MODE line that is sent, so that it is never cut.
    private static final int SENT_PARAMS_BYTES = 250;

    private record ListReplies(Numeric row, Numeric end) {}

    private static final Map<Character, ListReplies> LIST_REPLIES =
            Map.of(
                    'b', new ListReplies(Numeric.RPL_BANLIST, Numeric.RPL_ENDOFBANLIST),
                    'e', new ListReplies(Numeric.RPL_EXCEPTLIST, Numeric.RPL_ENDOFEXCEPTLIST),
                    'I', new ListReplies(Numeric.RPL_INVITELIST, Numeric.RPL_ENDOFINVITELIST));

    /// @param param empty for none
    private record Change(boolean on, char letter, String param) {}

    /// One MODE line while it is carried out.
    private static final class Request {
        final Client client;
        final Channel channel;
        final IrcLine line;
        final List<Change> changes = new ArrayList<>();
        final Set<Character> listed = new LinkedHashSet<>();
        int nextParam = 2;
        boolean refused;

        Request(Client client, Channel channel, IrcLine line) {
            this.client = client;
            this.channel = channel;
            this.line = line;
        }

        @Nullable String param() {
            boolean left = line.has(nextParam) && nextParam < 2 + Limits.MODES;
            return left ? line.param(nextParam++) : null;
        }
    }

    private final World world;
    private final Outbox out;
    private final UserModes userModes;

    ChannelModes(World world, Outbox out, UserModes userModes) {
        this.world = world;
        this.out = out;
        this.userModes = userModes;
    }

    List<Command> commands() {
        return List.of(Command.of("MODE", 1, this::mode));
    }

    private void mode(Client client, IrcLine line) {
        String target = line.param(0);
        if (!Names.isChannelTarget(target)) {
            userModes.mode(client, line);
            return;
        }
        Channel channel = world.channel(target);
        if (channel == null) {
            out.reply(client, Numeric.ERR_NOSUCHCHANNEL, target);
        } else if (line.has(1)) {
            change(new Request(client, channel, line));
        } else {
            tell(client, channel);
        }
    }

    private void tell(Client client, Channel channel) {
        var words = new ArrayList<>(List.of(channel.name));
        words.addAll(channel.modes(channel.hasMember(client)));
        out.reply(client, Numeric.RPL_CHANNELMODEIS, words.toArray(String[]::new));
        out.reply(
                client,
                Numeric.RPL_CREATIONTIME,
                channel.name,
                Long.toString(channel.createdAt.getEpochSecond()));
    }

    private void change(Request request) {
        boolean on = true;
        String letters = request.line.param(1);
        for (int i = 0; i < letters.length() && !request.refused; i++) {
            char letter = letters.charAt(i);
            if (letter == '+' || letter == '-') {
                on = letter == '+';
            } else {
                one(request, on, letter);
            }
        }
        tellEverybody(request);
    }

    private void one(Request request, boolean on, char letter) {
        if (FLAGS.indexOf(letter) >= 0) {
            if (mayChange(request)) {
                flag(request, on, letter);
            }
        } else if (LISTS.indexOf(letter) >= 0) {
            String mask = request.param();
            if (mask == null || mask.isEmpty()) {
                list(request, letter);
            } else if (mayChange(request)) {
                entry(request, on, letter, mask);
            }
        } else if (letter == 'o' || letter == 'v') {
            status(request, on, letter);
        } else if (letter == 'k') {
            key(request, on);
        } else if (letter == 'l') {
            limit(request, on);
        } else {
            out.reply(request.client, Numeric.ERR_UNKNOWNMODE, String.valueOf(letter));
        }
    }

    private boolean mayChange(Request request) {
        if (request.channel.isOperator(request.client)) {
            return true;
        }
        Numeric error =
                request.channel.hasMember(request.client)
                        ? Numeric.ERR_CHANOPRIVSNEEDED
                        : Numeric.ERR_NOTONCHANNEL;
        out.reply(request.client, error, request.channel.name);
        // Told once, however many letters the line has.
        request.refused = true;
        return false;
    }

    private static void flag(Request request, boolean on, char letter) {
        Set<Character> flags = request.channel.flags;
        if (on ? flags.add(letter) : flags.remove(letter)) {
            request.changes.add(new Change(on, letter, ""));
        }
    }

    private void list(Request request, char letter) {
        ListReplies replies = LIST_REPLIES.get(letter);
        // Once per line, or one short line could ask for very many.
        if (replies == null || !request.listed.add(letter)) {
            return;
        }
        Channel channel = request.channel;
        if (channel.visibleTo(request.client)) {
            for (Channel.Entry entry : channel.list(letter)) {
                out.reply(
                        request.client,
                        replies.row(),
                        channel.name,
                        entry.mask(),
                        entry.setBy(),
                        Long.toString(entry.setAt().getEpochSecond()));
            }
        }
        out.reply(request.client, replies.end(), channel.name);
    }

    private void entry(Request request, boolean on, char letter, String typed) {
        String mask = Mask.complete(Wire.cut(typed, Limits.MASK).replace(' ', '_'));
        List<Channel.Entry> list = request.channel.list(letter);
        if (!on) {
            if (list.removeIf(entry -> world.casemapping.same(entry.mask(), mask))) {
                request.changes.add(new Change(false, letter, mask));
            }
            return;
        }
        if (list.stream().anyMatch(entry -> world.casemapping.same(entry.mask(), mask))) {
            return;
        }
        if (list.size() >= Limits.LIST_ENTRIES) {
            out.reply(request.client, Numeric.ERR_BANLISTFULL, request.channel.name, mask);
            return;
        }
        list.add(new Channel.Entry(mask, request.client.source(), out.now()));
        request.changes.add(new Change(true, letter, mask));
    }

    private void status(Request request, boolean on, char letter) {
        String nick = request.param();
        if (nick == null) {
            missing(request);
            return;
        }
        if (!mayChange(request)) {
            return;
        }
        Client target = world.person(nick);
        if (target == null) {
            out.reply(request.client, Numeric.ERR_NOSUCHNICK, nick);
            return;
        }
        Channel.Member member = request.channel.member(target);
        if (member == null) {
            out.reply(
                    request.client,
                    Numeric.ERR_USERNOTINCHANNEL,
                    target.nick,
                    request.channel.name);
            return;
        }
        boolean before = letter == 'o' ? member.operator : member.voice;
        if (before != on) {
            if (letter == 'o') {
                member.operator = on;
            } else {
                member.voice = on;
            }
            request.changes.add(new Change(on, letter, target.nick));
        }
    }

    private void key(Request request, boolean on) {
        String key = request.param();
        if (on && key == null) {
            missing(request);
            return;
        }
        if (!mayChange(request)) {
            return;
        }
        String before = request.channel.key;
        if (!on) {
            // With any parameter or none: who may change it can also read it.
            if (before != null) {
                request.channel.key = null;
                request.changes.add(new Change(false, 'k', before));
            }
        } else if (key == null || !Names.isKey(key)) {
            invalid(request, 'k', key == null ? "*" : key, "Not a channel key");
        } else if (!key.equals(before)) {
            request.channel.key = key;
            request.changes.add(new Change(true, 'k', key));
        }
    }

    private void limit(Request request, boolean on) {
        if (!on) {
            if (mayChange(request) && request.channel.limit > 0) {
                request.channel.limit = 0;
                request.changes.add(new Change(false, 'l', ""));
            }
            return;
        }
        String written = request.param();
        if (written == null) {
            missing(request);
            return;
        }
        if (!mayChange(request)) {
            return;
        }
        boolean number =
                !written.isEmpty()
                        && written.length() <= 6
                        && written.chars().allMatch(c -> c >= '0' && c <= '9');
        int limit = number ? Integer.parseInt(written) : 0;
        if (limit == 0) {
            invalid(request, 'l', written, "Not a number above 0");
        } else if (limit != request.channel.limit) {
            request.channel.limit = limit;
            request.changes.add(new Change(true, 'l', Integer.toString(limit)));
        }
    }

    private void missing(Request request) {
        out.reply(request.client, Numeric.ERR_NEEDMOREPARAMS, "MODE");
    }

    private void invalid(Request request, char letter, String param, String why) {
        out.replySaying(
                request.client,
                Numeric.ERR_INVALIDMODEPARAM,
                why,
                request.channel.name,
                String.valueOf(letter),
                Wire.cut(param, Limits.CHANNEL_NAME));
    }

    private void tellEverybody(Request request) {
        int from = 0;
        while (from < request.changes.size()) {
            int to = from;
            int bytes = 0;
            while (to < request.changes.size() && (to == from || bytes < SENT_PARAMS_BYTES)) {
                bytes += request.changes.get(to++).param().length() + 1;
            }
            var words = new ArrayList<>(List.of(request.channel.name));
            words.addAll(words(request.changes.subList(from, to)));
            out.send(
                    request.channel.clients(),
                    Message.by(request.client, "MODE", words.toArray(String[]::new)));
            from = to;
        }
    }

    /// `+o-v alice bob`
    private static List<String> words(List<Change> changes) {
        var letters = new StringBuilder();
        var params = new ArrayList<String>();
        boolean first = true;
        boolean on = true;
        for (Change change : changes) {
            if (first || change.on() != on) {
                letters.append(change.on() ? '+' : '-');
            }
            first = false;
            on = change.on();
            letters.append(change.letter());
            if (!change.param().isEmpty()) {
                params.add(change.param());
            }
        }
        params.addFirst(letters.toString());
        return params;
    }
}
