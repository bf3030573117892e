package org.svcshare.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.svcshare.turn.PeerMessage;

/// Whatever stands in the channel: the codec answers, and what it took for a message survives the
/// way back.
class PeerCodecFuzz {
    private final PeerCodec codec = new PeerCodec();

    @FuzzTest(maxDuration = "30s")
    void anyText(byte[] bytes) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        for (CtcpText.Part part : CtcpText.split(text)) {
            look(part.text());
        }
        look(text);
        for (int type = 0; type < 9; type++) {
            look("SSMSG 2 " + type + " " + text);
        }
    }

    private void look(String text) {
        if (codec.decode(text) instanceof Decoded.Message(PeerMessage message, _)) {
            String again = codec.encode(message);
            assertTrue(again.chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0), again);
            var second = assertInstanceOf(Decoded.Message.class, codec.decode(again));
            if (message instanceof PeerMessage.Yield || message instanceof PeerMessage.Bye) {
                assertEquals(message, second.message());
            }
        }
    }
}
