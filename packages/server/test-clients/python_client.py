"""One Python client against the server: an answer, a stream, a tool and a mistake. Prints what it got as JSON."""

import json
import sys

client_name, url, key, model = sys.argv[1:]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ASK = [{"role": "user", "content": "hello"}]


def with_anthropic():
    import anthropic

    client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)
    ask = {"model": model, "max_tokens": 1000, "messages": ASK}
    plain = client.messages.create(**ask).content[0].text
    with client.messages.stream(**ask) as stream:
        streamed = "".join(stream.text_stream)
    tools = [{"name": "get_weather", "input_schema": SCHEMA}]
    call = client.messages.create(**ask, tools=tools).content[0]
    try:
        client.messages.create(**{**ask, "model": "no-such-model"})
    except anthropic.NotFoundError as error:
        return plain, streamed, [call.name, call.input], error.status_code


def with_openai():
    import openai

    client = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)
    ask = {"model": model, "messages": ASK}
    plain = client.chat.completions.create(**ask).choices[0].message.content
    chunks = client.chat.completions.create(**ask, stream=True)
    streamed = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    call = client.chat.completions.create(**ask, tools=tools).choices[0].message.tool_calls[0].function
    try:
        client.chat.completions.create(**{**ask, "model": "no-such-model"})
    except openai.NotFoundError as error:
        return plain, streamed, [call.name, json.loads(call.arguments)], error.status_code


def with_langchain(create):
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return city

    chat = create(model)
    plain = chat.invoke("hello").text
    streamed = "".join(chunk.text for chunk in chat.stream("hello"))
    call = chat.bind_tools([get_weather]).invoke("hello").tool_calls[0]
    try:
        create("no-such-model").invoke("hello")
    except Exception as error:  # Each vendor's own class, which LangChain passes on.
        return plain, streamed, [call["name"], call["args"]], error.status_code


def with_langchain_anthropic():
    from langchain_anthropic import ChatAnthropic

    return with_langchain(lambda name: ChatAnthropic(model=name, base_url=url, api_key=key, max_tokens=1000, max_retries=0))


def with_langchain_openai():
    from langchain_openai import ChatOpenAI

    return with_langchain(lambda name: ChatOpenAI(model=name, base_url=url + "/v1", api_key=key, max_retries=0))


plain, streamed, tool, status = globals()["with_" + client_name]()
print(json.dumps({"plain": plain, "streamed": streamed, "tool": tool, "unknown_model": status}))
