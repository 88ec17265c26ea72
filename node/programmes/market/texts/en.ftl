title = Market
exit = Exit
bye = Thank you. Goodbye.
language = Language - Langue - Lugha
yes = Yes
no = No
consent = The market office keeps your name, number and offers, and shows no number to anybody. Do you agree?
given-name = Your first name?
village = Your village?

menu-sell = Offer goods
menu-look = Look at offers
menu-trade = Buy, sell, my messages
offered-now = Offers:
menu-find = Find goods
menu-wanted = Messages from buyers
menu-answered = Answers from sellers
menu-payments = Payment notices
menu-close = End an offer
menu-language = Language

product = What do you sell?
find-product = What do you look for?
maize = Maize
beans = Beans
cassava = Cassava
coffee = Coffee
quantity = How many kilograms?
price = Price of one kilogram, in shillings?
offer-place = Where are the goods?
offered = Your offer stands. Buyers write to you without seeing your number.

offers = Newest offers:
no-offer = Nobody offers this now. Please look again in a few days.
message = { $offer }
    Your message to the seller?
sent = Your message is on its way. The answer comes by text.

wanted = Which message?
no-message = There is no message.
reply = { $wanted }
    Your answer?
replied = Your answer is on its way.

answered = Which answer?
deal = { $answered }
have-paid = I have paid
amount = How much did you pay, in shillings?
paid = The seller is told that you paid. Keep the proof of your payment.
payments = Buyers say that they paid:
no-payment = No buyer has said so yet.
each-line = { $events }

own = Which offer has ended?
no-own = You have no offer now.
closed = The offer is no longer shown.

offer-line = { $product } { $quantity } kg x { $price }, { $offer_place }
interest-line = { $day } { $product }: { $message }
interest-text = About your offer: { $message } - Dial the code to answer.
reply-line = { $day }: { $reply }
reply-text = About what you look for: { $reply }
payment-line = { $day }: { $amount }
payment-text = There is a notice about your offer. Dial the code to see it.
event-joined = Joined
event-offer = Offer
event-closed = Offer ended
event-interest = Message
event-reply = Answer
event-payment = Payment notice

form-product = Goods
form-quantity = Kilograms
form-price = Price
form-place = Place
