package main

import (
	"context"
	"fmt"

	"github.com/openai/openai-go/v3"
)

func main() {
	client := openai.NewClient()
	question := openai.UserMessage("What does a write-ahead log promise?")
	stream := client.Chat.Completions.NewStreaming(context.Background(), openai.ChatCompletionNewParams{
		Model:    "current",
		Messages: []openai.ChatCompletionMessageParamUnion{question},
	})
	for stream.Next() {
		fmt.Print(stream.Current().Choices[0].Delta.Content)
	}
	if err := stream.Err(); err != nil {
		panic(err)
	}
}
