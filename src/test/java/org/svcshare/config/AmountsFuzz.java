package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

/// Whatever stands behind a setting's name: it is an amount within its bounds, or none.
final class AmountsFuzz {
    @FuzzTest(maxDuration = "10s")
    void any_text_is_an_amount_or_none(byte[] bytes) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        Amounts.duration(text).ifPresent(duration -> assertFalse(duration.isNegative(), text));
        Amounts.bytes(text).ifPresent(size -> assertTrue(size >= 0 && size <= 1L << 50, text));
        GateReader.isCidr(text);
        PeopleReader.decode(text);
    }
}
