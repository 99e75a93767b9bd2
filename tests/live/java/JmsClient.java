import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.jms.BytesMessage;
import javax.jms.Connection;
import javax.jms.DeliveryMode;
import javax.jms.Destination;
import javax.jms.JMSException;
import javax.jms.Message;
import javax.jms.MessageProducer;
import javax.jms.Session;
import javax.jms.TextMessage;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.command.ActiveMQDestination;

/**
 * A plain JMS client of ActiveMQ (OpenWire), moved by lines on standard input.
 *
 * <p>A line is a word and fields, separated by blanks. A field is '.' and the Base64 of its UTF-16 text, or '~' for null.
 *
 * <ul>
 *   <li>SUB destination: listen ("topic://X", "queue://X")
 *   <li>TEMP: make a temporary topic, listen to it and answer its name
 *   <li>TEXT destination type body replyTo correlation persistent [name value]...: send a TextMessage
 *   <li>BYTES, MAP, PLAIN (the same fields): send another class of message
 * </ul>
 *
 * <p>Each line is answered by "OK [field]" or "FAILED field". In between come the messages:
 * "MSG destination class type body correlation persistent expiration replyTo redelivered". A text that cannot be read
 * has the exception's name as its class.
 */
public final class JmsClient {
    private static final PrintStream OUT = new PrintStream(System.out, false);

    private final Connection connection;
    private final Session sending;
    private final Session receiving;
    private final MessageProducer producer;

    private JmsClient(String url, String user, String password) throws JMSException {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(user, password, url);
        connection = factory.createConnection();
        sending = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        receiving = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        producer = sending.createProducer(null);
        connection.start();
    }

    public static void main(String[] arguments) throws Exception {
        JmsClient client = new JmsClient(arguments[0], field(arguments[1]), field(arguments[2]));
        say("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                String answer = client.carryOut(line.split(" "));
                say(answer == null ? "OK" : "OK " + encode(answer));
            } catch (Exception problem) {
                say("FAILED " + encode(problem.toString()));
            }
        }
        client.connection.close();
        System.exit(0);
    }

    private String carryOut(String[] words) throws JMSException {
        switch (words[0]) {
            case "SUB":
                listen(ActiveMQDestination.createDestination(field(words[1]), ActiveMQDestination.TOPIC_TYPE));
                return null;
            case "TEMP":
                Destination temporary = receiving.createTemporaryTopic();
                listen(temporary);
                return temporary.toString();
            default:
                send(words);
                return null;
        }
    }

    private void listen(Destination destination) throws JMSException {
        receiving.createConsumer(destination).setMessageListener(message -> {
            try {
                say(describe(destination, message));
            } catch (JMSException problem) {
                say("FAILED " + encode(problem.toString()));
            }
        });
    }

    private void send(String[] words) throws JMSException {
        List<String> fields = new ArrayList<>();
        for (int i = 1; i < words.length; i++) {
            fields.add(field(words[i]));
        }
        Message message = create(words[0], fields.get(2));
        message.setJMSType(fields.get(1));
        if (fields.get(3) != null) {
            message.setJMSReplyTo(destination(fields.get(3)));
        }
        message.setJMSCorrelationID(fields.get(4));
        for (int i = 6; i + 1 < fields.size(); i += 2) {
            message.setStringProperty(fields.get(i), fields.get(i + 1));
        }
        int mode = "true".equals(fields.get(5)) ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        producer.send(destination(fields.get(0)), message, mode, Message.DEFAULT_PRIORITY, Message.DEFAULT_TIME_TO_LIVE);
    }

    private Message create(String kind, String body) throws JMSException {
        switch (kind) {
            case "TEXT":
                return sending.createTextMessage(body);
            case "BYTES":
                BytesMessage bytes = sending.createBytesMessage();
                bytes.writeBytes(body.getBytes(StandardCharsets.UTF_8));
                return bytes;
            case "MAP":
                return sending.createMapMessage();
            case "PLAIN":
                return sending.createMessage();
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    private static Destination destination(String name) {
        return ActiveMQDestination.createDestination(name, ActiveMQDestination.TOPIC_TYPE);
    }

    private static String describe(Destination source, Message message) throws JMSException {
        String kind = "Message";
        String body = null;
        if (message instanceof TextMessage) {
            kind = "TextMessage";
            try {
                body = ((TextMessage) message).getText();
            } catch (JMSException problem) {
                kind = String.valueOf(problem.getCause() == null ? problem : problem.getCause().getClass().getSimpleName());
            }
        } else if (message instanceof BytesMessage) {
            kind = "BytesMessage";
            byte[] bytes = new byte[(int) ((BytesMessage) message).getBodyLength()];
            ((BytesMessage) message).readBytes(bytes);
            body = new String(bytes, StandardCharsets.UTF_8);
        }
        Destination replyTo = message.getJMSReplyTo();
        return String.join(
                " ",
                "MSG",
                encode(source.toString()),
                encode(kind),
                encode(message.getJMSType()),
                encode(body),
                encode(message.getJMSCorrelationID()),
                encode(String.valueOf(message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT)),
                encode(String.valueOf(message.getJMSExpiration())),
                encode(replyTo == null ? null : replyTo.toString()),
                encode(String.valueOf(message.getJMSRedelivered())));
    }

    private static void say(String line) {
        synchronized (OUT) {
            OUT.println(line);
            OUT.flush();
        }
    }

    private static String field(String word) {
        if (word.equals("~")) {
            return null;
        }
        return new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_16BE);
    }

    private static String encode(String text) {
        if (text == null) {
            return "~";
        }
        return "." + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_16BE));
    }
}
