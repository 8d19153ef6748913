import { Word, greeting } from "../words";

interface Event {
  name: string;
}

export const handler = async (event: Event): Promise<{ greeting: string }> => ({
  greeting: greeting(Word.Hello, event.name),
});
