package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    @Test
    void shouldMakeChannels() {
        Endpoint host = Endpoint.parse("10.0.0.2:40123");
        assertEquals("aeron:udp?endpoint=10.0.0.2:40123", host.messages());
        assertEquals("aeron:udp?control-mode=dynamic|control=10.0.0.2:40124", host.answersOut());
        assertEquals("aeron:udp?control-mode=dynamic|control=10.0.0.2:40124|endpoint=0.0.0.0:0", host.answersIn());
        assertEquals("aeron:udp?endpoint=0.0.0.0:7", Endpoint.parse(":7").messages());
        Endpoint six = Endpoint.parse("[::1]:40123");
        assertEquals("aeron:udp?endpoint=[::1]:40123", six.messages());
        assertEquals("aeron:udp?control-mode=dynamic|control=[::1]:40124|endpoint=[::]:0", six.answersIn());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "host:", "host:0", "host:65535", "host:-1", "host:x", "::1:5", "[::1:5",
        "a|b:5", "a?b=c:5"})
    void shouldRefuseWhatIsNone(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(text));
        assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
    }
}
