package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.Secret;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class HellanzbTest {

    @Nested
    final class Contract extends ClientProgramContract {
        @Override
        FakeProgram fake() {
            return new FakeHellanzb();
        }

        @Override
        String type() {
            return "hellanzb";
        }

        @Override
        String name() {
            return "hellanzb";
        }

        @Override
        boolean pausesItems() {
            return false;
        }

        @Override
        boolean takesIds() {
            return true;
        }
    }

    private final FakeHellanzb fake = new FakeHellanzb();

    @AfterEach
    void stop() {
        fake.close();
    }

    private ClientProgram open(ClientProgramContract.Memory memory) {
        return ClientPrograms.open(
                ClientProgramContract.settings(
                        "hellanzb",
                        Optional.of(fake.url()),
                        FakeProgram.USER,
                        Optional.of(new Secret(FakeProgram.PASSWORD))),
                memory);
    }

    private ClientProgram open() {
        return open(new ClientProgramContract.Memory());
    }

    /// What ended the process of 0.3: see D4 of its protocol notes.
    @Test
    void given_a_fault_then_it_is_a_refusal_with_its_reason() throws Exception {
        fake.fault = "Not now &lt;b&gt;";
        try (ClientProgram program = open()) {
            var e = assertThrows(ClientException.class, program::pause);
            assertEquals(Kind.REJECTED, e.kind());
            assertTrue(String.valueOf(e.getMessage()).contains("Not now <b>"), e.getMessage());
            assertEquals(0, program.snapshot().totalMb());
        }
    }

    @Test
    void given_queued_jobs_without_a_size_then_each_counts_as_1_MB() throws Exception {
        fake.add("current", 20);
        fake.add("b", 0).unknown = true;
        fake.add("c", 0).unknown = true;
        try (ClientProgram program = open()) {
            assertEquals(20, program.snapshot().currentMb());
            assertEquals(2, program.snapshot().restMb());
            assertEquals(2, program.snapshot().items());
        }
    }

    @Test
    void given_a_document_type_with_entities_then_it_is_refused() {
        String xml =
                "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
                        + "<methodResponse><params><param><value><string>&e;</string></value>"
                        + "</param></params></methodResponse>";
        assertThrows(XMLStreamException.class, () -> XmlRpc.response(xml));
    }

    @Test
    void given_values_within_values_without_end_then_it_is_refused() {
        String xml = "<methodResponse><params><param>" + "<value><array><data>".repeat(10_000);
        assertThrows(XMLStreamException.class, () -> XmlRpc.response(xml));
    }
}
