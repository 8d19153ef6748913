export enum Word {
  Hello = "hello",
}

export function greeting(word: Word, name: string): string {
  if (name === "nobody") {
    throw new Error("nobody is here");
  }
  return `${word} ${name}`;
}
