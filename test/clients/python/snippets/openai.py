from openai import OpenAI

client = OpenAI()
question = [{"role": "user", "content": "What does a write-ahead log promise?"}]
stream = client.chat.completions.create(model="current", messages=question, stream=True)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="")
