# Not yet read by a native speaker.
title = Marché
exit = Quitter
bye = Merci. Au revoir.
language = Langue - Language - Lugha
yes = Oui
no = Non
consent = Le bureau du marché garde votre nom, numéro et offres, et ne montre aucun numéro. D'accord ?
given-name = Votre prénom ?
village = Votre village ?

menu-sell = Offrir un produit
menu-look = Voir les offres
menu-trade = Acheter, vendre, mes messages
offered-now = Offres :
menu-find = Chercher un produit
menu-wanted = Messages d'acheteurs
menu-answered = Réponses de vendeurs
menu-payments = Avis de paiement
menu-close = Finir une offre
menu-language = Langue

product = Que vendez-vous ?
find-product = Que cherchez-vous ?
maize = Mais
beans = Haricots
cassava = Manioc
coffee = Café
quantity = Combien de kilos ?
price = Prix du kilo, en shillings ?
offer-place = Où est le produit ?
offered = Votre offre est là. Les acheteurs vous écrivent sans voir votre numéro.

offers = Dernières offres :
no-offer = Personne n'en offre. Regardez encore dans quelques jours.
message = { $offer }
    Votre message au vendeur ?
sent = Votre message est parti. La réponse vient par SMS.

wanted = Quel message ?
no-message = Il n'y a pas de message.
reply = { $wanted }
    Votre réponse ?
replied = Votre réponse est partie.

answered = Quelle réponse ?
deal = { $answered }
have-paid = J'ai payé
amount = Combien avez-vous payé, en shillings ?
paid = Le vendeur apprend que vous avez payé. Gardez la preuve du paiement.
payments = Des acheteurs disent avoir payé :
no-payment = Aucun acheteur ne l'a encore dit.
each-line = { $events }

own = Quelle offre est finie ?
no-own = Vous n'avez pas d'offre.
closed = L'offre n'est plus montrée.

offer-line = { $product } { $quantity } kg x { $price }, { $offer_place }
interest-line = { $day } { $product } : { $message }
interest-text = A propos de votre offre : { $message } - Composez le code pour répondre.
reply-line = { $day } : { $reply }
reply-text = A propos de votre recherche : { $reply }
payment-line = { $day } : { $amount }
payment-text = Il y a un avis sur votre offre. Composez le code pour le voir.
event-joined = Adhésion
event-offer = Offre
event-closed = Fin d'offre
event-interest = Message
event-reply = Réponse
event-payment = Avis de paiement

form-product = Produit
form-quantity = Kilos
form-price = Prix
form-place = Lieu
