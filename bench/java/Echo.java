import java.util.concurrent.CountDownLatch;
import javax.jms.Connection;
import javax.jms.DeliveryMode;
import javax.jms.MessageConsumer;
import javax.jms.MessageProducer;
import javax.jms.Session;
import javax.jms.TextMessage;
import org.apache.activemq.ActiveMQConnectionFactory;

/** A yardstick: a Java program that does nothing but send each message of a queue on to a topic, by OpenWire. */
public final class Echo {
    private Echo() {}

    public static void main(String[] arguments) throws Exception {
        Connection connection = new ActiveMQConnectionFactory(arguments[0]).createConnection();
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createTopic(arguments[2]));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        MessageConsumer consumer = session.createConsumer(session.createQueue(arguments[1]));
        consumer.setMessageListener(message -> {
            try {
                TextMessage echo = session.createTextMessage(((TextMessage) message).getText());
                echo.setJMSCorrelationID(message.getJMSCorrelationID());
                producer.send(echo);
            } catch (Exception problem) {
                problem.printStackTrace();
                System.exit(1);
            }
        });
        connection.start();
        System.out.println("READY");
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
